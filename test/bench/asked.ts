// What an API server has been asked by all of its clients, from its own metrics. Undefined where it tells none, as the embedded one.
import type { Connection } from '../../src/kube/transport/connection.ts';

export interface Asked {
  writes: number;
  reads: number;
}

const REQUESTS = /^apiserver_request_total\{(?<labels>[^}]*)\} (?<count>\S+)$/gm;
const WRITES = /verb="(?:POST|PUT|PATCH|APPLY|DELETE|DELETECOLLECTION)"/;
const READS = /verb="(?:GET|LIST)"/;
/** Asked for whatever jobs there are. */
const IDLE = /\bresource="(?:leases|tokenreviews|subjectaccessreviews|)"/;

export async function askedSoFar(direct: Connection): Promise<Asked | undefined> {
  try {
    const bytes = await direct.bytes({ path: '/metrics', accept: 'text/plain' });
    return askedIn(Buffer.concat(await bytes.toArray()).toString());
  } catch {
    return undefined;
  }
}

/** @param text in the format of https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function askedIn(text: string): Asked {
  const asked = { writes: 0, reads: 0 };
  for (const { groups } of text.matchAll(REQUESTS)) {
    const { labels = '', count } = groups ?? {};
    if (IDLE.test(labels)) continue;
    if (WRITES.test(labels)) asked.writes += Number(count);
    else if (READS.test(labels)) asked.reads += Number(count);
  }
  return asked;
}
