// The kubeconfig with which a Portico reaches its cluster through a proxy. No IO.
import type { Proxy } from './proxy.ts';

export interface Identity {
  /** Of an administrator of the cluster. */
  token: string;
  namespace: string;
}

/** JSON is YAML. */
export const kubeconfigOf = ({ url }: Pick<Proxy, 'url'>, { token, namespace }: Identity): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'proxied', cluster: { server: url } }],
    users: [{ name: 'proxied', user: { token } }],
    contexts: [{ name: 'proxied', context: { cluster: 'proxied', user: 'proxied', namespace } }],
    'current-context': 'proxied',
  });
