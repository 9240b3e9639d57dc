// What /metrics says, read as Prometheus reads it: https://prometheus.io/docs/instrumenting/exposition_formats/

export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export interface Family {
  name: string;
  type: string;
  help: string;
  /** By the name on the line: a histogram has three. */
  samples: Map<string, Sample[]>;
}

export function familiesIn(text: string): Family[] {
  const families: Family[] = [];
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const [, keyword, subject = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    const last = families.at(-1);
    if (keyword === 'HELP') families.push({ name: subject, type: '', help: rest, samples: new Map() });
    else if (keyword === 'TYPE' && last) last.type = rest;
    else if (last) addSample(last, line);
  }
  return families;
}

function addSample({ samples }: Family, line: string): void {
  const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (value === undefined) throw new Error(`expected a sample, got ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [
    key,
    text,
  ]);
  const sample = { labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
  samples.set(name, [...(samples.get(name) ?? []), sample]);
}

/** The sum of all samples of that name whose labels are these; 0 when there is none. */
export function valueOf(text: string, name: string, labels: Record<string, string> = {}): number {
  return familiesIn(text)
    .flatMap(({ samples }) => samples.get(name) ?? [])
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
