// What was asked of a cluster's API server, by whom, and whether it was allowed: its audit log, of those whom that is about.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Who is tested goes by this name, unless it is a service account. */
export const TESTED_USER = 'tested';
/** The user agent of Portico's own requests. */
export const PORTICO_AGENT = /^portico\//;

export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'Metadata', users: [TESTED_USER] },
    { level: 'Metadata', userGroups: ['system:serviceaccounts'] },
    { level: 'None' },
  ],
};

/** A request for a resource. A watch is there twice: when it began and when it ended. */
export interface Asked {
  user: string;
  agent: string;
  verb: string;
  group: string;
  /** With its subresource: "pods/log". */
  resource: string;
  /** Left out for what is in no namespace. */
  namespace?: string;
  allowed: boolean;
}

interface Event {
  user: { username: string };
  userAgent?: string;
  verb: string;
  objectRef?: { apiGroup?: string; resource?: string; subresource?: string; namespace?: string };
  annotations?: Record<string, string>;
}

/** Each event is written before its answer has ended: what was answered when this is called is in it. */
export async function askedIn(file: string): Promise<Asked[]> {
  // Before the first one there is no file.
  const lines = existsSync(file) ? (await readFile(file, 'utf8')).split('\n') : [];
  // The last one is empty, or not yet whole.
  return lines.slice(0, -1).flatMap((line) => askedBy(JSON.parse(line) as Event) ?? []);
}

function askedBy({ user, userAgent = '', verb, objectRef, annotations }: Event): Asked | undefined {
  if (objectRef?.resource === undefined) return undefined;
  const { apiGroup: group = '', resource, subresource, namespace } = objectRef;
  return {
    user: user.username,
    agent: userAgent,
    verb,
    group,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    ...(namespace !== undefined && { namespace }),
    allowed: annotations?.['authorization.k8s.io/decision'] === 'allow',
  };
}

/** "list jobs.batch", "get pods/log". */
export const rightName = ({ verb, group, resource }: Pick<Asked, 'verb' | 'group' | 'resource'>): string =>
  `${verb} ${resource}${group && `.${group}`}`;
