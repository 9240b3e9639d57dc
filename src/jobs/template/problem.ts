// How a problem in a template is said, and how a rule about one field is checked. No IO.

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `spec.backoffLimit: expected 0, got 3` */
export const problem = (field: string, expected: string, got: unknown): string =>
  `${field}: expected ${expected}, got ${shown(got)}`;

const SHOWN_CHARACTERS = 60;

function shown(value: unknown): string {
  if (value == null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

/** "a.b" and "c" are "a.b.c"; nothing and "c" are "c". */
export const join = (at: string, field: string): string => (at === '' ? field : `${at}.${field}`);

/** What a field may hold when it is there at all. */
export interface Rule {
  /** From the object that the rule is checked on: "securityContext.runAsUser". */
  field: string;
  /** In words. */
  expected: string;
  allows: (value: unknown) => boolean;
}

/** Checks `rules` on the object at the path `at`. An absent field keeps every rule. */
export const broken = (rules: readonly Rule[], object: unknown, at: string): string[] =>
  rules.flatMap(({ field, expected, allows }) => {
    const value = field
      .split('.')
      .reduce<unknown>((part, key) => (isMapping(part) ? part[key] : undefined), object);
    return value == null || allows(value) ? [] : [problem(join(at, field), expected, value)];
  });
