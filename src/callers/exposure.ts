// What an operator is warned of at the start: who can reach the port, and by what. No IO.
import { isLoopback } from '../net/loopback.ts';

export interface Exposure {
  authMode: 'none' | 'token';
  /** That is listened on. */
  address: string;
  servesTls: boolean;
}

/** undefined: nothing to warn of. Behind loopback are the users of this machine, and whatever forwards to it. */
export function exposureWarning({ authMode, address, servesTls }: Exposure): string | undefined {
  if (isLoopback(address)) return undefined;
  if (authMode === 'none') {
    return 'callers are not asked who they are: whoever reaches this address runs commands; set --auth-mode token, or let none but the callers reach it';
  }
  return servesTls
    ? undefined
    : 'tokens of callers come in the clear: set --tls-cert-file, or let whoever forwards to here end TLS';
}
