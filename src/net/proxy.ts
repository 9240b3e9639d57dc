// By which proxy a URL is reached, as the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY say it to kubectl and every Go program:
// https://pkg.go.dev/golang.org/x/net/http/httpproxy. No IO.
import { BlockList, isIP, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** The three variables, under these names or in lower case; empty is unset, and upper case goes first. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** A proxy that cannot be used; in words that show no credentials. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

const PROTOCOLS = ['http:', 'https:', 'socks5:'];
const DEFAULT_PORTS: Record<string, string | undefined> = { 'http:': '80', 'https:': '443' };
const VARIABLES: Record<string, string | undefined> = { 'http:': 'HTTP_PROXY', 'https:': 'HTTPS_PROXY' };

interface Host {
  /** In lower case; an IPv6 address without brackets. */
  name: string;
  port: string;
}

type Rule = (host: Host) => boolean;

export class Proxies {
  readonly #environment: ProxyEnvironment;
  readonly #exceptions: readonly Rule[];

  constructor(environment: ProxyEnvironment) {
    this.#environment = environment;
    this.#exceptions = rulesOf(valueOf(environment, 'NO_PROXY') ?? '');
  }

  /**
   * The proxy, an http, https or socks5 URL with the credentials that it is given; undefined: straight there. This machine is never
   * asked through one. @throws ProxyError
   */
  for(url: string | URL): URL | undefined {
    const { protocol, hostname, port } = new URL(url);
    const variable = VARIABLES[protocol];
    if (variable === undefined) return undefined;
    const host = {
      name: hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1'),
      port: port || (DEFAULT_PORTS[protocol] ?? ''),
    };
    if (isThisMachine(host) || this.#exceptions.some((covers) => covers(host))) return undefined;
    return this.#proxyOf(variable);
  }

  /** @throws ProxyError when one of them could not be used */
  assertUsable(): void {
    for (const variable of Object.values(VARIABLES)) if (variable !== undefined) this.#proxyOf(variable);
  }

  #proxyOf(variable: string): URL | undefined {
    const text = valueOf(this.#environment, variable);
    if (text === undefined) return undefined;
    const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    if (url && PROTOCOLS.includes(url.protocol) && url.hostname !== '' && hasReadableCredentials(url))
      return url;
    throw new ProxyError(
      `${variable}: expected an http, https or socks5 URL such as http://proxy.example:3128, got ${JSON.stringify(withoutCredentials(text))}`,
    );
  }
}

const valueOf = (environment: ProxyEnvironment, name: string): string | undefined =>
  environment[name] || environment[name.toLowerCase()] || undefined;

const withoutCredentials = (text: string): string => text.replace(/^([^/]*\/\/)?.*@/s, '$1***@');

/** They are sent decoded. */
function hasReadableCredentials({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

const LOOPBACK = listOf('127.0.0.0/8', '::1/128');
const IPV4 = listOf('0.0.0.0/0');

const isThisMachine: Rule = ({ name }) => name === 'localhost' || contains(LOOPBACK, name);

/** Entries are separated by commas; also by blanks, which no host has in it. */
function rulesOf(noProxy: string): Rule[] {
  const entries = noProxy.toLowerCase().split(/[\s,]+/);
  if (entries.includes('*')) return [() => true];
  return entries.flatMap((entry) => ruleOf(entry) ?? []);
}

function ruleOf(entry: string): Rule | undefined {
  if (isRange(entry)) return rangeRule(entry);
  const { name, port } = splitPort(entry);
  if (name === '') return undefined;
  if (isIP(name) !== 0) {
    const address = listOf(`${name}/${isIPv6(name) ? '128' : '32'}`);
    return (host) => contains(address, host.name) && isPort(port, host);
  }
  return domainRule(name, port);
}

/** `example.org` covers the names below it, too; `.example.org` and `*.example.org` cover those alone. */
function domainRule(name: string, port: string): Rule {
  const bare = name.replace(/^\*?\./, '');
  const domain = /[\u0080-\uffff]/.test(bare) ? domainToASCII(bare) || bare : bare;
  const coversItself = bare === name;
  return (host) =>
    isIP(host.name) === 0 &&
    isPort(port, host) &&
    (host.name.endsWith(`.${domain}`) || (coversItself && host.name === domain));
}

const isPort = (port: string, host: Host): boolean => port === '' || port === host.port;

/** `HOST:PORT` or `[IPv6]:PORT`; everything else is a host as a whole. */
function splitPort(entry: string): Host {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(entry) ?? [];
  return port === undefined ? { name: entry, port: '' } : { name: bracketed ?? plain ?? '', port };
}

/** `10.0.0.0/8` or `fd00::/8`. */
function isRange(entry: string): boolean {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits) <= (family === 6 ? 128 : 32);
}

function rangeRule(entry: string): Rule {
  const range = listOf(entry);
  const [address = ''] = entry.split('/');
  const isIPv4 = isOfIPv4(address);
  // To a BlockList ::/0 has all of IPv4 in it.
  return ({ name }) => isOfIPv4(name) === isIPv4 && contains(range, name);
}

function listOf(...ranges: string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

const contains = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/** Also as ::ffff:10.0.0.1. */
const isOfIPv4 = (address: string): boolean => contains(IPV4, address);
