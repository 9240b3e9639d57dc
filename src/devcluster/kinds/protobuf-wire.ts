// The wire format of protobuf, as far as Kubernetes uses it. No IO.
// https://protobuf.dev/programming-guides/encoding/

export interface WireField {
  number: number;
  value: bigint | Uint8Array;
}

/** The bytes are no protobuf. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;
const LONGEST_VARINT = 10;

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let result = 0n;
    for (let index = 0; index < LONGEST_VARINT; index += 1) {
      const [byte = 0] = this.take(1);
      result |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return result;
    }
    throw new WireError('a number of more than 64 bits');
  }

  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new WireError('unexpected EOF');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function valueOf(reader: Reader, type: number): bigint | Uint8Array {
  switch (type) {
    case VARINT:
      return reader.varint();
    case FIXED_64:
      return reader.take(8);
    case LENGTH_DELIMITED:
      return reader.take(Number(reader.varint()));
    case FIXED_32:
      return reader.take(4);
    default:
      throw new WireError(`illegal wireType ${String(type)}`);
  }
}

/** The fields of a message in the order in which they come; one that repeats comes more than once. @throws WireError */
export function* wireFields(bytes: Uint8Array): Generator<WireField> {
  const reader = new Reader(bytes);
  while (!reader.done) {
    const tag = reader.varint();
    yield { number: Number(tag >> 3n), value: valueOf(reader, Number(tag & 7n)) };
  }
}
