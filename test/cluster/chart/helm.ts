// The Helm that was built for the tests, with caches and settings of its own; and the chart.
import { join } from 'node:path';
import { run } from '../inside/processes.ts';

const DEPLOY = join(import.meta.dirname, '../../../deploy');
export const CHART = join(DEPLOY, 'chart');
export const MANIFEST = join(DEPLOY, 'portico.yaml');
export const RENDER = join(DEPLOY, 'render');

export type Helm = (...args: string[]) => Promise<string>;

/**
 * @param home a folder to keep its files in.
 * The function resolves to what helm prints, and throws with that when it fails.
 */
export const helmIn =
  (program: string, home: string, kubeconfig = ''): Helm =>
  (...args) =>
    run('env', `HOME=${home}`, `KUBECONFIG=${kubeconfig}`, program, ...args);
