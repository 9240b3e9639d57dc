// One command line, as it was typed: its options and words, and all that is wrong with them. Knows no command's meaning.
import { parseArgs, type ParseArgsOptionDescriptor } from 'node:util';
import { meantBy } from './nearest.ts';
import { type Read, SettingError, shown } from '../settings/values.ts';
import { type CommandName, type Option, syntaxOf } from './syntax.ts';
import { UsageError } from './usage-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What could not be read comes as undefined, and assertRight() says so. */
export class Line {
  readonly #name: CommandName;
  readonly #env: Environment;
  readonly #options = new Map<string, string[]>();
  readonly #words: string[];
  readonly #problems: string[] = [];

  constructor(name: CommandName, args: string[], env: Environment) {
    this.#name = name;
    this.#env = env;
    const { options } = syntaxOf(name);
    const own = optionsIn(name, args, options);
    for (const token of tokensOf(own.args, options)) {
      if (token.kind === 'option') this.#take(token, options);
    }
    this.#words = own.words;
  }

  has(option: string): boolean {
    return this.#options.has(option);
  }

  /** The last one counts. */
  one<T>(option: string, read: Read<T>, variable?: string): T | undefined {
    const given = this.#options.get(option)?.at(-1);
    const fromEnv = variable === undefined ? undefined : this.#env[variable] || undefined;
    const name = given === undefined ? (variable ?? option) : `--${option}`;
    return this.#read(name, given ?? fromEnv, read);
  }

  all<T>(option: string, read: Read<T>): T[] {
    return (this.#options.get(option) ?? []).flatMap((given) => this.#read(`--${option}`, given, read) ?? []);
  }

  /** As many as there are names, and then the rest. */
  words(...names: string[]): { words: string[]; rest: string[] } {
    const words = names.map((name, index) => {
      const word = this.#words[index];
      if (word === undefined || word === '') this.wrong(`expected ${name}, got nothing`);
      return word ?? '';
    });
    return { words, rest: this.#words.slice(names.length) };
  }

  /** One word, and no other. */
  word(name: string): string {
    const { words, rest } = this.words(name);
    this.nothing(rest);
    return words[0] ?? '';
  }

  nothing(words: readonly string[] = this.#words): void {
    for (const word of words) this.wrong(`expected nothing more, got ${JSON.stringify(word)}`);
  }

  /** An empty one is a variable that was not set, and no word left out. */
  optionalWord(name: string): string | undefined {
    const [word, ...rest] = this.#words;
    if (word === '') this.wrong(`expected ${name}, got nothing`);
    this.nothing(rest);
    return word;
  }

  wrong(problem: string): void {
    this.#problems.push(problem);
  }

  assertRight(): void {
    if (this.#problems.length === 0) return;
    throw new UsageError(`${this.#problems.join('; ')} (portico ${this.#name} --help says more)`);
  }

  #take({ name, rawName, value }: OptionToken, options: Record<string, Option>): void {
    const option = options[name];
    if (!option) {
      const known = Object.keys(options).map((one) => `--${one}`);
      this.wrong(`expected an option that --help lists, got ${rawName}${meantBy(rawName, known)}`);
    } else if (option.value !== undefined && value === undefined) {
      this.wrong(`expected ${option.value} after ${rawName}, got nothing`);
    } else if (option.value === undefined && value !== undefined) {
      this.wrong(`expected ${rawName} without a value, got ${JSON.stringify(value)}`);
    } else this.#options.set(name, [...(this.#options.get(name) ?? []), value ?? '']);
  }

  #read<T>(name: string, given: string | undefined, read: Read<T>): T | undefined {
    if (given === undefined) return undefined;
    try {
      return read(given);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      this.wrong(`expected ${name} to be ${error.message}, got ${shown(given)}`);
      return undefined;
    }
  }
}

interface OptionToken {
  kind: 'option';
  name: string;
  rawName: string;
  value: string | undefined;
}

function tokensOf(args: string[], options: Record<string, Option>) {
  const known = Object.entries(options).map(([name, { value, short, multiple = false }]) => {
    const type = value === undefined ? 'boolean' : 'string';
    return [name, { type, multiple, ...(short && { short }) } satisfies ParseArgsOptionDescriptor] as const;
  });
  return parseArgs({
    args,
    options: Object.fromEntries(known),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

/** From the COMMAND of start on all words are the job's own, also those that look like options. */
function optionsIn(name: CommandName, args: string[], options: Record<string, Option>) {
  const positionals = tokensOf(args, options).filter((token) => token.kind === 'positional');
  const command = name === 'start' ? positionals[1] : undefined;
  if (!command) return { args, words: positionals.map(({ value }) => value) };
  const words = [positionals[0]?.value ?? '', ...args.slice(command.index)];
  return { args: args.slice(0, command.index), words };
}
