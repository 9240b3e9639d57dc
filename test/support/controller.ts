// One replica's controller on an API server in memory, as settings by default would have it.
import { Controller, type ControllerOptions } from '../../src/controller/controller.ts';
import { silent } from '../../src/base/logger.ts';
import { defaultTemplate } from '../../src/jobs/template/job-template.ts';
import { leaseTiming } from '../../src/kube/election/lease-step.ts';
import { JOB_ID, NAMESPACE } from './jobs.ts';

export interface OnApi extends Pick<ControllerOptions, 'client' | 'clock'> {
  identity?: string;
  log?: ControllerOptions['log'];
}

export const controllerOn = ({ client, clock, identity = 'a', log = silent }: OnApi): Controller =>
  new Controller({
    client,
    clock,
    recordNamespace: 'portico',
    manifest: {
      namespace: NAMESPACE,
      workerLabel: 'portico.dev/worker-id',
      retentionSeconds: 3_600,
      graceSeconds: 5,
      template: defaultTemplate('image'),
    },
    declaredWorkers: ['local'],
    lease: { name: 'portico', identity, timing: leaseTiming() },
    newId: () => JOB_ID,
    random: () => 0.5,
    log,
  });
