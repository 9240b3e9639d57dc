// What somebody may have meant by a word that is none.
import { closestMatch } from 'leven';

/** Letters that are wrong, missing, or too many. */
const MOST_SLIPS = 2;

/** To be put behind what is wrong; empty when nothing is near. */
export function meantBy(word: string, known: readonly string[]): string {
  const near = closestMatch(word, known, { maxDistance: MOST_SLIPS });
  // Of a short word, two letters are all there is.
  return near === undefined || near.length <= MOST_SLIPS ? '' : `: did you mean ${near}?`;
}
