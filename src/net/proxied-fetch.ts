// fetch by one proxy, whatever it is asked for.
import { fetch, ProxyAgent } from 'undici';

export function proxiedFetch(proxy: URL): typeof globalThis.fetch {
  const dispatcher = new ProxyAgent({ uri: proxy.href, allowH2: false });
  const proxied = (url: Parameters<typeof fetch>[0], init: Parameters<typeof fetch>[1]) =>
    fetch(url, { ...init, dispatcher });
  return proxied as typeof globalThis.fetch;
}
