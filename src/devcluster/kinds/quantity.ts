// Resource quantities: 100m, 1.5, 64Mi, 1e3. Parsing, and the one way that Kubernetes writes each. No IO.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

const FORM = /^([+-]?)(\d+)?(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/;

const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
/** Nothing smaller than this is kept; what is smaller is rounded up. */
const NANO = 10n ** 9n;
/** More digits than any quantity has; keeps a hostile exponent from costing memory. */
const LONGEST_EXPONENT = 30;
const LONGEST_WHOLE = 1_000;

interface Parsed {
  /** In billionths. */
  nano: bigint;
  form: 'decimal' | 'binary' | 'exponent';
}

function parse(text: string): Parsed | undefined {
  const [, sign = '', whole = '', fraction = '', suffix = '', exponent] = FORM.exec(text) ?? [];
  if (whole + fraction === '' || whole.length > LONGEST_WHOLE) return undefined;
  const binary = BINARY[suffix];
  const power = exponent === undefined ? (DECIMAL[suffix] ?? 0) : Number(exponent);
  if (Math.abs(power) > LONGEST_EXPONENT || fraction.length > LONGEST_EXPONENT) return undefined;
  const scale = binary === undefined ? 10n ** BigInt(Math.max(power, 0)) : 2n ** BigInt(binary);
  const divisor = 10n ** BigInt(fraction.length + Math.max(-power, 0));
  const numerator = BigInt(whole + fraction) * scale * NANO;
  const nano = (numerator + divisor - 1n) / divisor;
  const form = binary !== undefined ? 'binary' : exponent === undefined ? 'decimal' : 'exponent';
  return { nano: sign === '-' ? -nano : nano, form };
}

export const isQuantity = (value: string | number): boolean => parse(String(value)) !== undefined;

const inBinary = (units: bigint): string => {
  const [suffix = '', power = 0] =
    Object.entries(BINARY).findLast(([, bits]) => units % 2n ** BigInt(bits) === 0n) ?? [];
  return `${String(units / 2n ** BigInt(power))}${suffix}`;
};

function inDecimal(nano: bigint, suffixOf: (power: number) => string): string {
  const power = Object.values(DECIMAL).findLast((each) => nano % 10n ** BigInt(each + 9) === 0n) ?? -9;
  return `${String(nano / 10n ** BigInt(power + 9))}${suffixOf(power)}`;
}

/** "0.5" is "500m", "1024Mi" is "1Gi": as the API server stores it. A text that is no quantity stays as it is. */
export function canonicalQuantity(value: string | number): string {
  const parsed = parse(String(value));
  if (!parsed) return String(value);
  const { nano, form } = parsed;
  if (nano === 0n) return '0';
  if (form === 'binary' && nano % NANO === 0n) return inBinary(nano / NANO);
  if (form === 'exponent') return inDecimal(nano, (power) => (power === 0 ? '' : `e${String(power)}`));
  return inDecimal(nano, (power) => Object.entries(DECIMAL).find(([, each]) => each === power)?.[0] ?? '');
}

/** Whether `left` is more than `right`; false when either is no quantity. */
export function isMore(left: string, right: string): boolean {
  const [a, b] = [parse(left), parse(right)];
  return a !== undefined && b !== undefined && a.nano > b.nano;
}
