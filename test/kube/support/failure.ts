// The error of a promise that has to fail.

type Class<E> = abstract new (...args: never[]) => E;

export async function failureOf<E extends Error>(work: Promise<unknown>, expected: Class<E>): Promise<E> {
  try {
    await work;
  } catch (error) {
    if (error instanceof expected) return error;
    throw error;
  }
  throw new Error(`expected a ${expected.name}, got a result`);
}
