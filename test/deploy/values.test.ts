// The values of the chart: documented, in the schema, and the same as Portico's own settings where they mean these.
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { settingLines } from '../../src/settings/config.ts';
import { chartFile, chartValues, valuesTable } from '../support/values.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Values that are settings, and have the setting's default. */
const SETTINGS: Record<string, string> = {
  'workers.label': '--worker-label',
  'jobs.retentionSeconds': '--retention-seconds',
  'jobs.graceSeconds': '--grace-seconds',
  'shutdown.graceSeconds': '--shutdown-seconds',
  'limits.bodyBytes': '--body-limit',
  'limits.maxJobsPerWorker': '--max-jobs-per-worker',
  'limits.maxJobsPerCaller': '--max-jobs-per-caller',
  'limits.maxConnections': '--max-connections',
  'limits.headerTimeoutSeconds': '--header-timeout-seconds',
  'auth.mode': '--auth-mode',
  'auth.audience': '--auth-audience',
  'lease.seconds': '--lease-seconds',
  'log.level': '--log-level',
};

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
}

/** Every path of it whose properties are all named. */
function pathsIn({ properties }: Schema, prefix = ''): string[] {
  return Object.entries(properties ?? {}).flatMap(([name, schema]) => {
    const isGroup = schema.properties !== undefined && schema.additionalProperties === false;
    return isGroup ? [prefix + name, ...pathsIn(schema, `${prefix}${name}.`)] : [prefix + name];
  });
}

describe('the values of the chart', () => {
  it('stand in docs/guides/install.md as they are', async () => {
    expect(await readFile(join(ROOT, 'docs/guides/install.md'), 'utf8')).to.include(await valuesTable());
  });

  it('are all in the schema, and the schema has no others', async () => {
    const named = pathsIn(JSON.parse(await chartFile('values.schema.json')) as Schema);
    const paths = (await chartValues()).map(({ path }) => path);
    expect(named).to.include.members(paths);
    const unknown = named.filter(
      (name) => !paths.some((path) => `${path}.`.startsWith(`${name}.`) || name.startsWith(`${path}.`)),
    );
    // Helm itself adds it to every chart.
    expect(unknown).to.deep.equal(['global']);
  });

  it('have the defaults of the settings that they are passed to', async () => {
    const defaults = new Map((await chartValues()).map(({ path, byDefault }) => [path, String(byDefault)]));
    const settings = new Map(settingLines().map(({ flag, byDefault }) => [flag.split(' ')[0], byDefault]));
    for (const [path, flag] of Object.entries(SETTINGS)) {
      expect(defaults.get(path), path).to.equal(settings.get(flag));
    }
  });

  it('are passed to settings that there are', async () => {
    const flags = settingLines().map(({ flag }) => flag.split(' ')[0]);
    const passed = [...(await chartFile('templates/deployment.yaml')).matchAll(/- (--[a-z-]+)=/g)];
    expect(flags).to.include.members(passed.map(([, flag]) => flag));
  });

  it('come with the version of the package', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(parse(await chartFile('Chart.yaml'))).to.include({ version, appVersion: version });
  });
});
