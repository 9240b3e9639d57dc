// Whether a name or an address is this machine and no other. No IO, no resolver.
import { BlockList, isIP, isIPv6 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * localhost, any name under it (RFC 6761, section 6.3), 127.0.0.0/8 and ::1, in brackets or not: what no DNS server of someone
 * else's can answer for. A host without its port.
 */
export function isLoopback(host: string): boolean {
  // Nearly always one of these, and the rest takes longer than most answers.
  if (host === '127.0.0.1' || host === 'localhost') return true;
  const name = host.toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const [, bracketed] = /^\[(.*)\]$/.exec(name) ?? [];
  const address = bracketed ?? name;
  if (bracketed !== undefined ? !isIPv6(address) : isIP(address) === 0) return false;
  return LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** `HOST[:PORT]`, as in a Host header, without its port. */
export function nameIn(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon === -1 || /\D/.test(host.slice(colon + 1)) ? host : host.slice(0, colon);
}
