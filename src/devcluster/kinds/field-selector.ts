// Field selectors: `status.phase!=Running,metadata.name=x`. Parsed once, then a predicate. No IO.
// Grammar and words are those of k8s.io/apimachinery's fields package.
import type { KubeObject } from '../../kube/wire.ts';
import { badRequest } from '../status.ts';
import type { Kind } from './kind.ts';
import { MOST_REQUIREMENTS, tooMany } from './label-selector.ts';

/** `own`: the fields that its kind can be selected by. */
type Test = (object: KubeObject, own: Readonly<Record<string, string>>) => boolean;

const TERM = /^(.*?)(!=|==|=)(.*)$/s;
/** Pods were once selected by this. */
const ALIASES: Record<string, string> = { 'spec.host': 'spec.nodeName' };

const termsOf = (text: string): string[] =>
  (text.match(/(?:\\.|[^\\,]|\\$)+/gs) ?? []).filter((term) => term !== '');

const unescaped = (value: string): string =>
  value.replaceAll(/\\(.?)|=/gs, (match, escaped: string | undefined) => {
    if (escaped === undefined) {
      // Go prints the character's number.
      throw badRequest(
        `invalid field selector: unescaped character in value: ${String(match.codePointAt(0))}`,
      );
    }
    if (escaped === '' || !'\\,='.includes(escaped)) {
      throw badRequest(`invalid field selector: invalid escape sequence: ${match}`);
    }
    return escaped;
  });

function notSelectable(kind: Kind, field: string, own: string[]) {
  if (own.length === 0) {
    return badRequest(
      `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  }
  if (kind.type.kind === 'Job')
    return badRequest(`field label ${JSON.stringify(field)} not supported for Job`);
  return badRequest(`field label not supported: ${field}`);
}

function parseTerm(text: string, term: string, kind: Kind): Test {
  const [, said = '', operator, raw = ''] = TERM.exec(term) ?? [];
  if (operator === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
  const value = unescaped(raw);
  const equal = operator !== '!=';
  if (said === 'metadata.name') return ({ metadata }) => ((metadata?.name ?? '') === value) === equal;
  if (said === 'metadata.namespace' && kind.type.namespaced) {
    return ({ metadata }) => ((metadata?.namespace ?? '') === value) === equal;
  }
  // The fields are the same for every object, so an empty one tells which there are.
  const own = Object.keys(kind.selectableFields({}));
  const field = own.includes(said) ? said : (ALIASES[said] ?? said);
  if (!own.includes(field)) throw notSelectable(kind, said, own);
  return (_, { [field]: actual }) => (actual === value) === equal;
}

/** "" selects everything. @throws Refusal (400) */
export function parseFieldSelector(text: string, kind: Kind): (object: KubeObject) => boolean {
  const terms = termsOf(text);
  if (terms.length > MOST_REQUIREMENTS) throw tooMany();
  const tests = terms.map((term) => parseTerm(text, term, kind));
  return (object) => {
    const own = kind.selectableFields(object);
    return tests.every((test) => test(object, own));
  };
}
