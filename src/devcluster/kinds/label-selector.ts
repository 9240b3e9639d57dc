// Label selectors: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. Parsed once, then a predicate. No IO.
// Grammar and words are those of k8s.io/apimachinery's labels package.
import { badRequest } from '../status.ts';
import { invalidField } from './field-error.ts';
import { labelValue, qualifiedName } from './names.ts';

export type Labels = Readonly<Record<string, string>> | undefined;
type Test = (labels: Readonly<Record<string, string>>) => boolean;

type TokenType =
  'identifier' | 'in' | 'notin' | '=' | '==' | '!=' | '>' | '<' | '!' | ',' | '(' | ')' | 'error' | 'end';
interface Token {
  type: TokenType;
  text: string;
}

/** Each is looked at for each object of a list, one list at a time. The values of one may be as many as a URL holds. */
export const MOST_REQUIREMENTS = 100;

const BINARY_OPERATORS = 'in, notin, =, ==, !=, gt, lt';
const TOKEN = /[ \t\r\n]*(?:(==|!=|[=<>!,()])|([^ \t\r\n=<>!,()]+))/gy;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [, symbol, word] of text.matchAll(TOKEN)) {
    if (symbol !== undefined) tokens.push({ type: symbol as TokenType, text: symbol });
    else if (word === 'in' || word === 'notin') tokens.push({ type: word, text: word });
    else if (word !== undefined) tokens.push({ type: 'identifier', text: word });
  }
  tokens.push({ type: 'end', text: '' });
  return tokens;
}

const refuse = (says: string) => badRequest(`unable to parse requirement: ${says}`);

export const tooMany = () =>
  badRequest(`a selector may have ${String(MOST_REQUIREMENTS)} requirements at most`);

class Parser {
  readonly #tokens: Token[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  parse(): Test[] {
    const tests: Test[] = [];
    while (this.#peek().type !== 'end') {
      const first = this.#peek();
      if (first.type !== 'identifier' && first.type !== '!') {
        const where = tests.length > 0 ? "identifier after ','" : "!, identifier, or 'end of string'";
        throw badRequest(`found '${first.text}', expected: ${where}`);
      }
      if (tests.push(this.#requirement()) > MOST_REQUIREMENTS) throw tooMany();
      const token = this.#take();
      if (token.type === 'end') break;
      if (token.type !== ',') throw badRequest(`found '${token.text}', expected: ',' or 'end of string'`);
      if (this.#peek().type === 'end') throw badRequest("found '', expected: identifier after ','");
    }
    return tests;
  }

  /** `in` and `notin` are words like others, but where an operator stands. */
  #peek(): Token {
    const token = this.#tokens[this.#next] ?? { type: 'end', text: '' };
    return token.type === 'in' || token.type === 'notin' ? { ...token, type: 'identifier' } : token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #takeOperator(): Token {
    const token = this.#tokens[this.#next] ?? { type: 'end', text: '' };
    this.#next += 1;
    return token;
  }

  #requirement(): Test {
    const negated = this.#peek().type === '!';
    if (negated) this.#next += 1;
    const key = this.#take();
    if (key.type !== 'identifier') throw refuse(`found '${key.text}', expected: identifier`);
    const wrong = qualifiedName(key.text).join('; ');
    if (wrong !== '') throw refuse(`<nil>: ${invalidField('', key.text, wrong).message}`);
    if (negated) return (labels) => !Object.hasOwn(labels, key.text);
    if (['end', ','].includes(this.#peek().type)) return (labels) => Object.hasOwn(labels, key.text);
    return this.#binary(key.text);
  }

  #binary(key: string): Test {
    const operator = this.#takeOperator();
    switch (operator.type) {
      case 'in':
      case 'notin':
        return membership(key, this.#valueSet(), operator.type === 'in');
      case '=':
      case '==':
      case '!=':
        return membership(key, [this.#exactValue()], operator.type !== '!=');
      case '>':
      case '<':
        return comparison(key, operator.type, this.#exactValue());
      default:
        throw refuse(`found '${operator.text}', expected: ${BINARY_OPERATORS}`);
    }
  }

  #exactValue(): string {
    if (['end', ','].includes(this.#peek().type)) return '';
    const value = this.#take();
    if (value.type !== 'identifier') throw refuse(`found '${value.text}', expected: identifier`);
    return value.text;
  }

  /** `(x,,y)`: an empty place is the empty value. */
  #valueSet(): string[] {
    const open = this.#take();
    if (open.type !== '(') throw refuse(`found '${open.text}' expected: '('`);
    const values: string[] = [];
    for (;;) {
      const named = this.#peek().type === 'identifier';
      values.push(named ? this.#take().text : '');
      const token = this.#take();
      if (token.type === ')') return values;
      if (token.type !== ',')
        throw refuse(`found '${token.text}', expected: ${named ? "',' or ')'" : "',', ')' or identifier"}`);
    }
  }
}

function membership(key: string, values: string[], wanted: boolean): Test {
  const set = new Set(values.toSorted());
  for (const [index, value] of [...set].entries()) checkValue(key, value, index);
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return value === undefined ? !wanted : set.has(value) === wanted;
  };
}

function checkValue(key: string, value: string, index: number): void {
  const wrong = labelValue(value).join('; ');
  if (wrong !== '')
    throw refuse(`values[${String(index)}][${key}]: ${invalidField('', value, wrong).message}`);
}

const INTEGER = /^[+-]?\d+$/;

function comparison(key: string, operator: '>' | '<', bound: string): Test {
  if (!INTEGER.test(bound)) {
    const says = "for 'Gt', 'Lt' operators, the value must be an integer";
    throw refuse(`values[0]: ${invalidField('', bound, says).message}`);
  }
  const limit = BigInt(bound.replace('+', ''));
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (value === undefined || !INTEGER.test(value)) return false;
    const number = BigInt(value.replace('+', ''));
    return operator === '>' ? number > limit : number < limit;
  };
}

/** "" selects everything. @throws Refusal (400) */
export function parseLabelSelector(text: string): (labels: Labels) => boolean {
  const tests = new Parser(text).parse();
  return (labels = {}) => tests.every((test) => test(labels));
}
