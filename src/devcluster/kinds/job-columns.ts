// What kubectl get prints of a Job. No IO.
// Kubernetes' pkg/printers/internalversion, printJob.
import type { V1LabelSelector } from '@kubernetes/client-node';
import type { Job, Wire } from '../../kube/wire.ts';
import { AGE, NAME, shown, wide } from './columns.ts';
import { age, humanDuration } from './human-duration.ts';
import type { TableColumn } from './kind.ts';

export const JOB_COLUMNS: readonly TableColumn[] = [
  NAME,
  shown('Status', 'Running, Complete, Failed ...'),
  shown('Completions', 'How many pods succeeded, of how many that have to.'),
  shown('Duration', 'From its start to its completion, or to now.'),
  AGE,
  wide('Containers', 'The names of its containers.'),
  wide('Images', 'The images of its containers.'),
  wide('Selector', 'What selects its pods.'),
];

export function jobCells(job: Job, now: number): (string | undefined)[] {
  const { metadata, spec, status } = job;
  const containers = spec?.template.spec?.containers ?? [];
  return [
    metadata?.name,
    statusOf(job),
    completionsOf(job),
    durationOf(status?.startTime, status?.completionTime, now),
    age(metadata?.creationTimestamp, now),
    containers.map(({ name }) => name).join(','),
    containers.map(({ image }) => image ?? '').join(','),
    formatSelector(spec?.selector),
  ];
}

function statusOf({ metadata, status }: Job): string {
  const is = (wanted: string): boolean =>
    status?.conditions?.find(({ type }) => type === wanted)?.status === 'True';
  if (is('Complete')) return 'Complete';
  if (is('Failed')) return 'Failed';
  if (metadata?.deletionTimestamp !== undefined) return 'Terminating';
  if (is('Suspended')) return 'Suspended';
  if (is('FailureTarget')) return 'FailureTarget';
  return is('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completionsOf({ spec, status }: Job): string {
  const succeeded = String(status?.succeeded ?? 0);
  if (spec?.completions !== undefined) return `${succeeded}/${String(spec.completions)}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${String(parallelism)}` : `${succeeded}/1`;
}

function durationOf(start: string | undefined, end: string | undefined, now: number): string {
  if (!start) return '';
  return humanDuration((end ? Date.parse(end) : now) - Date.parse(start));
}

const OPERATORS: Record<string, string> = { In: 'in', NotIn: 'notin' };

function formatSelector(selector: Wire<V1LabelSelector> | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    const word = OPERATORS[operator];
    if (word === undefined) return { key, text: operator === 'DoesNotExist' ? `!${key}` : key };
    return { key, text: `${key} ${word} (${values.toSorted().join(',')})` };
  });
  const parts = [...labels, ...expressions].sort((left, right) => (left.key < right.key ? -1 : 1));
  return parts.map(({ text }) => text).join(',') || '<none>';
}
