// A namespace for one suite, on whichever cluster.
import type { Api } from '../cluster/api.ts';

/** Pods can be created in it when this resolves. */
export async function createNamespace(api: Api, prefix = 'case-'): Promise<string> {
  const { metadata } = await api.call('POST', '/api/v1/namespaces', {
    metadata: { generateName: prefix, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  });
  await untilPodsAreAdmitted(api, metadata.name);
  return metadata.name;
}

export const untilPodsAreAdmitted = (api: Api, namespace: string): Promise<unknown> =>
  api.until(`/api/v1/namespaces/${namespace}/serviceaccounts`, ({ metadata }) =>
    metadata.name === 'default' ? metadata : undefined,
  );
