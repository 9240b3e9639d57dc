// What an HTTP answer of Portico means.
import { NoAnswerError, RefusedError } from './errors.ts';

const SHOWN_CHARACTERS = 200;

/** The parsed body. @throws NoAnswerError when it is no JSON: whatever sent it, it was no Portico */
export async function jsonOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new NoAnswerError('expected JSON of Portico, got something else', { cause });
  }
}

/** Of an answer that is not 2xx. */
export async function refusalOf(response: Response): Promise<RefusedError> {
  const text = wordsIn(await response.text(), response);
  return new RefusedError(response.status, text, retryAfterOf(response));
}

/** Portico's own words, or a proxy's. */
function wordsIn(body: string, { status, headers }: Response): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // It is a proxy's.
  }
  const isPlain = headers.get('content-type')?.startsWith('text/plain') ?? false;
  return (isPlain && body.trim().slice(0, SHOWN_CHARACTERS)) || `the server answered ${String(status)}`;
}

/** Portico sends seconds; a proxy's date is not worth the reading. */
function retryAfterOf({ headers }: Response): number | undefined {
  const value = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(value) ? Number(value) : undefined;
}
