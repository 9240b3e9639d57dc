// Resource quantities as numbers that can be added up. Pure.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

const FORM = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/;

const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** In thousandths, so that sums of CPUs are whole. What is stored is valid: it was checked on its way in. */
export function amountOf(quantity: string): number {
  const [, number = '0', unit] = FORM.exec(quantity) ?? [];
  return Math.ceil(
    Number((Number(number) * (unit === undefined ? 1 : (UNITS[unit] ?? 1)) * 1000).toPrecision(15)),
  );
}
