// The operator's Job template: parsed from one YAML file, refused where it contradicts Portico. No IO.
import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import { LineCounter, parseAllDocuments } from 'yaml';
import type { Job, Wire } from '../../kube/wire.ts';
import { podSecurityProblems } from './security.ts';
import { ownershipProblems } from './ownership.ts';
import { isMapping, problem } from './problem.ts';
import { readAs } from './shape.ts';

export interface Marks {
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** What an operator brings to every Job. Checked: nothing of Portico's own is in it. */
export interface JobTemplate {
  job: Marks;
  pod: Marks & { spec: Omit<Wire<V1PodSpec>, 'containers'> };
  /** Of the container that the command runs in. */
  container: Omit<Wire<V1Container>, 'name'> & { image: string };
}

/** Everything that is wrong with a template: each by the path of its field, what was expected and what came. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the job template is not usable: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

const IMAGE_FIELD = 'spec.template.spec.containers[0].image';

/** A template that brings nothing but the image. */
export const defaultTemplate = (image: string): JobTemplate => templateOf({}, image);

/**
 * @param text YAML: one Job (apiVersion batch/v1), or nothing at all.
 * @param workerLabel the node label that Portico selects nodes by.
 * @param image for a template that names none.
 * @throws TemplateError
 */
export function parseTemplate(text: string, workerLabel: string, image?: string): JobTemplate {
  const value = parseYaml(text);
  if (value == null) return templateOf({}, requireImage(image));
  const problems: string[] = [];
  if (!isMapping(value)) throw new TemplateError([problem('the file', 'a Job as a mapping', value)]);
  const { apiVersion, kind } = value;
  if (apiVersion !== 'batch/v1') problems.push(problem('apiVersion', '"batch/v1"', apiVersion));
  if (kind !== 'Job') problems.push(problem('kind', '"Job"', kind));
  // Another kind has other fields: naming each of them would only hide what is wrong.
  if (problems.length > 0) throw new TemplateError(problems);
  const job = readAs('V1Job', value, '', problems) as Partial<Job>;
  problems.push(...ownershipProblems(job, workerLabel), ...podSecurityProblems(job.spec?.template));
  if (problems.length > 0) throw new TemplateError(problems);
  return templateOf(job, requireImage(job.spec?.template?.spec?.containers?.[0]?.image || image));
}

function requireImage(image: string | undefined): string {
  if (!image) throw new TemplateError([problem(IMAGE_FIELD, 'the image that jobs run in', image)]);
  return image;
}

function templateOf(job: Partial<Job>, image: string): JobTemplate {
  const { metadata, spec } = job.spec?.template ?? {};
  const { containers, ...pod } = spec ?? { containers: [] };
  return {
    job: marksOf(job.metadata),
    pod: { ...marksOf(metadata), spec: pod },
    container: { ...containers?.[0], image },
  };
}

const marksOf = (metadata: Partial<Marks> | undefined): Marks => ({
  labels: { ...metadata?.labels },
  annotations: { ...metadata?.annotations },
});

/** The one document in `text`; undefined when there is none. @throws TemplateError with the line */
function parseYaml(text: string): unknown {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    logLevel: 'silent',
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const problems = documents.flatMap(({ errors }) =>
    errors.map(({ message, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      return `line ${String(line)}, column ${String(col)}: ${message}`;
    }),
  );
  if (problems.length > 0) throw new TemplateError(problems);
  const values = documents.map((document): unknown => toValue(document)).filter((value) => value != null);
  if (values.length > 1)
    throw new TemplateError([`expected one YAML document, got ${String(values.length)}`]);
  return values[0];
}

/** @throws TemplateError: an alias that has no anchor, or that would make the whole too large, is found out only here */
function toValue(document: { toJS(): unknown }): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new TemplateError([error instanceof Error ? error.message : String(error)]);
  }
}
