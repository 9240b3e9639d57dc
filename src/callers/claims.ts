// What a token says of itself. Nothing here is verified: it may shorten what the API server grants, and explain what it refuses.
import { decodeJwt } from 'jose';

export interface Claims {
  expiresAtMs?: number;
  audiences: string[];
}

/** undefined for what is no JWT (RFC 7519). */
export function claimsOf(token: string): Claims | undefined {
  try {
    const { exp, aud } = decodeJwt(token) as { exp?: unknown; aud?: unknown };
    const audiences = [aud].flat().filter((audience) => typeof audience === 'string');
    return typeof exp === 'number' ? { expiresAtMs: exp * 1000, audiences } : { audiences };
  } catch {
    return undefined;
  }
}

const SHOWN_CHARACTERS = 200;

/** For who holds a token that the API server has refused: what is probably wrong with it. */
export function whyRefused(token: string, audience: string, nowMs: number): string {
  const expected = `expected a token of this cluster for the audience "${audience}"`;
  const claims = claimsOf(token);
  if (claims === undefined) return `${expected}, got one that is no JWT`;
  const { expiresAtMs = Infinity, audiences } = claims;
  if (expiresAtMs <= nowMs) return `${expected}, got one that has expired`;
  if (audiences.includes(audience)) return `${expected}, got one that it does not accept`;
  const others = audiences.map((other) => JSON.stringify(other)).join(', ');
  return `${expected}, got one for ${others.slice(0, SHOWN_CHARACTERS) || 'none'}`;
}
