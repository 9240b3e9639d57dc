// The kinds as tests name them, and the refusals that they throw. No tests.
import { KINDS, type Kind } from '../../../src/devcluster/kinds/index.ts';
import { Refusal, type FailureStatus } from '../../../src/devcluster/status.ts';

export function kindNamed(name: string): Kind {
  const kind = KINDS.find(({ type }) => type.kind === name);
  if (!kind) throw new Error(`no kind ${name}`);
  return kind;
}

/** The Status that `act` is refused with. */
export function refusalOf(act: () => unknown): FailureStatus {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error.status;
    throw error;
  }
  throw new Error('expected a refusal');
}

/** Deep, so that a test sees when something is changed that must not be. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}
