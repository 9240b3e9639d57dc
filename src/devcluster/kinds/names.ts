// The syntax of names, labels and keys: each function returns what is wrong with a value, in Kubernetes' words.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/

interface Syntax {
  /** As it is shown to whoever broke it. */
  pattern: string;
  whole: RegExp;
}
const syntax = (pattern: string): Syntax => ({ pattern, whole: new RegExp(`^(?:${pattern})$`) });

const LABEL = syntax('[a-z0-9]([-a-z0-9]*[a-z0-9])?');
const SUBDOMAIN = syntax(`${LABEL.pattern}(\\.${LABEL.pattern})*`);
const KEY_NAME = syntax('([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]');
const LABEL_VALUE = syntax(`(${KEY_NAME.pattern})?`);
const CONFIG_KEY = syntax('[-._a-zA-Z0-9]+');
const PORT_NAME_LENGTH = 15;
/** Longer than anything that is good; a pattern is not tried on more. */
const LONGEST = 1024;

/** The result is empty when the value is good. */
export type NameRule = (value: string) => string[];

const isWhole = ({ whole }: Syntax, value: string): boolean => value.length <= LONGEST && whole.test(value);
const explained = (says: string, { pattern }: Syntax, ...examples: string[]): string =>
  `${says} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${pattern}')`;
const tooLong = (value: string, most: number, unit = 'characters'): string[] =>
  Buffer.byteLength(value) > most ? [`must be no more than ${String(most)} ${unit}`] : [];

export const dnsLabel: NameRule = (value) => {
  const wrong = tooLong(value, 63);
  if (isWhole(LABEL, value)) return wrong;
  if (isWhole(SUBDOMAIN, value)) return [...wrong, 'must not contain dots'];
  const says =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...wrong, explained(says, LABEL, 'my-name', '123-abc')];
};

function subdomain(value: string, unit?: string): string[] {
  const wrong = tooLong(value, 253, unit);
  if (isWhole(SUBDOMAIN, value)) return wrong;
  const says =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...wrong, explained(says, SUBDOMAIN, 'example.com')];
}

export const dnsSubdomain: NameRule = (value) => subdomain(value);

const KEY_SAYS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const KEY_EXAMPLES = ['MyName', 'my.name', '123-abc'];

/** `[prefix/]name`: keys of labels and annotations, finalizers, taints. */
export const qualifiedName: NameRule = (value) => {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${explained(KEY_SAYS, KEY_NAME, ...KEY_EXAMPLES)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const ofPrefix =
    prefix === undefined ? [] : prefix === '' ? ['must be non-empty'] : subdomain(prefix, 'bytes');
  const ofName = name === '' ? ['must be non-empty'] : tooLong(name, 63, 'bytes');
  if (!isWhole(KEY_NAME, name)) ofName.push(explained(KEY_SAYS, KEY_NAME, ...KEY_EXAMPLES));
  return [...ofPrefix.map((says) => `prefix part ${says}`), ...ofName.map((says) => `name part ${says}`)];
};

export const labelValue: NameRule = (value) => {
  const wrong = tooLong(value, 63, 'bytes');
  if (isWhole(LABEL_VALUE, value)) return wrong;
  const says =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [...wrong, explained(says, LABEL_VALUE, 'MyValue', 'my_value', '12345')];
};

/** Any printable ASCII but '=', since Kubernetes 1.32. */
export const envName: NameRule = (value) =>
  /^[\x20-\x3c\x3e-\x7e]+$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];

export const configMapKey: NameRule = (value) => {
  const wrong = tooLong(value, 253);
  if (!isWhole(CONFIG_KEY, value)) {
    const says = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    wrong.push(explained(says, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name'));
  }
  // A key becomes a file's name.
  if (value === '.') wrong.push("must not be '.'");
  if (value === '..') wrong.push("must not be '..'");
  else if (value.startsWith('..')) wrong.push("must not start with '..'");
  return wrong;
};

export const portName: NameRule = (value) => {
  const wrong: string[] = [];
  if (value.length > PORT_NAME_LENGTH)
    wrong.push(`must be no more than ${String(PORT_NAME_LENGTH)} characters`);
  if (!/^[-a-z0-9]+$/.test(value))
    wrong.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) wrong.push('must contain at least one letter (a-z)');
  if (value.includes('--')) wrong.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) wrong.push('must not begin or end with a hyphen');
  return wrong;
};
