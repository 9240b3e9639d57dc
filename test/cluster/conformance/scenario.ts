// What is performed on both clusters, as data: scenarios of steps, read from the YAML files of scenarios/. Runs nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

/** A call of the REST API; its answer is compared. */
export interface CallStep {
  /** `METHOD PATH`. A path that does not begin with "/" is below the scenario's own namespace: "configmaps/a", "jobs". */
  do: string;
  /** Sent as JSON; a text as it is. */
  body?: unknown;
  /** Content-Type; of patches: json, merge, strategic, apply. */
  type?: string;
  /** Accept; or table, metadata, metadata-list. */
  accept?: string;
  /** Later steps use what the answer has there as ${NAME}: NAME to a dotted path. */
  save?: Record<string, string>;
}

/** Opens a watch that goes on beside the steps that follow. Its events are compared where a step asks for them. */
export interface WatchStep {
  /** Path as of a call, with a query. */
  watch: string;
  as: string;
  accept?: string;
}

/** Waits for an event of a watch. Nothing is compared. */
export interface AwaitStep {
  await: string;
  /** Its type; any but BOOKMARK when left out. */
  type?: string;
  /** What the object has to have, among other things; of lists, one item. */
  where?: unknown;
}

/** From then on, the sleep of each pod that a watch of pods has seen running is ended, once. Nothing is compared. */
export interface WakeStep {
  wake: string;
}

/** Waits for so many events of a watch, or for its end, and compares them as they came. Ends the watch. */
export interface EventsStep {
  events: string;
  count: number | 'all';
}

/** Compares what the events of a watch have shown of each object, state by state. Ends the watch. */
export interface StatesStep {
  states: string;
}

/** Runs kubectl in the scenario's namespace; what it prints and its exit code are compared. */
export interface KubectlStep {
  kubectl: string;
  /** Its standard input: an object. */
  input?: unknown;
}

export type Step = CallStep | WatchStep | AwaitStep | WakeStep | EventsStep | StatesStep | KubectlStep;

export interface Scenario {
  /** FILE/NAME */
  name: string;
  steps: Step[];
  /** Whether pods have to run. */
  needsNode: boolean;
}

const FOLDER = join(import.meta.dirname, 'scenarios');
/** Files whose pods run. */
const WITH_NODE = /^life-/;

/** @throws with file and scenario when one is not as it should be */
export function readScenarios(folder = FOLDER): Scenario[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => parseScenarios(basename(name, '.yaml'), readFileSync(join(folder, name), 'utf8')));
}

/** @param file its name, without extension */
export function parseScenarios(file: string, text: string): Scenario[] {
  // Top-level keys that begin with a dot hold what is used more than once.
  const document = parse(text, { merge: true, maxAliasCount: -1 }) as Record<string, unknown>;
  return Object.entries(document)
    .filter(([name]) => !name.startsWith('.'))
    .map(([name, steps]) => {
      const full = `${file}/${name}`;
      if (!Array.isArray(steps)) throw new Error(`expected steps in ${full}, got ${JSON.stringify(steps)}`);
      return { name: full, steps: steps.map((step) => checked(step, full)), needsNode: WITH_NODE.test(file) };
    });
}

const FIELDS: readonly (readonly string[])[] = [
  ['do', 'body', 'type', 'accept', 'save'],
  ['watch', 'as', 'accept'],
  ['await', 'type', 'where'],
  ['wake'],
  ['events', 'count'],
  ['states'],
  ['kubectl', 'input'],
];

function checked(step: unknown, scenario: string): Step {
  const keys = Object.keys(step ?? {});
  const fields = FIELDS.find(([first = '']) => keys.includes(first));
  if (fields && keys.every((key) => fields.includes(key))) return step as Step;
  throw new Error(
    `expected a step of ${FIELDS.map(([first]) => first).join(', ')} in ${scenario}, got ${JSON.stringify(step)}`,
  );
}

/** How a difference names a step: by what is done, and how often the scenario has done that. */
export function titlesOf({ steps }: Scenario): string[] {
  const seen = new Map<string, number>();
  return steps.map((step) => {
    const title = titleOf(step);
    const count = (seen.get(title) ?? 0) + 1;
    seen.set(title, count);
    return count === 1 ? title : `${title} (${String(count)})`;
  });
}

function titleOf(step: Step): string {
  if ('do' in step) return step.do;
  if ('watch' in step) return `watch ${step.watch}`;
  if ('await' in step) return `await ${step.await}`;
  if ('wake' in step) return `wake ${step.wake}`;
  if ('events' in step) return `events ${step.events}`;
  if ('states' in step) return `states ${step.states}`;
  return `kubectl ${step.kubectl}`;
}
