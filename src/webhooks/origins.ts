// Which receivers the operator allows. No IO.

/**
 * What stands in the setting as an origin: `https://hooks.example`, `hooks.example:8443` (https, since it is not said),
 * `http://10.0.0.7:8080`. undefined for anything else, also for what has more than a scheme, a host and a port.
 */
export function originOf(text: string): string | undefined {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (!url || !isHttp(url)) return undefined;
  const hasMore = url.pathname !== '/' || url.search || url.hash || url.username || url.password;
  return hasMore || /[?#@]|\/$/.test(text) ? undefined : url.origin;
}

/** Whether something can be sent there at all: http or https, and no credentials, which would stand on the Job for all to read. */
export function isReceiver(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && isHttp(url) && url.username === '' && url.password === '';
}

/** The origin that a message for this URL goes to; undefined for what is no URL. */
export const receiverOf = (url: string): string | undefined => URL.parse(url)?.origin;

const isHttp = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'http:';
