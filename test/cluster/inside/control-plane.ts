// etcd, API server, controllers and scheduler, with Kubernetes' own defaults but for speed and what a lone machine lacks.
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { untilPodsAreAdmitted } from '../../support/namespaces.ts';
import { Api } from '../api.ts';
import { AUDIT_POLICY } from '../audit.ts';
import { ADDRESS, API_PORT, type Paths, SERVICE_RANGE, type Settings } from '../settings.ts';
import type { Processes } from './processes.ts';

const ETCD = 'http://127.0.0.1:2379';
const READY_POLL_MS = 50;
/** The controllers' own finish about 2.5 Jobs a second. */
const RAISED_LIMITS = ['--kube-api-qps=500', '--kube-api-burst=1000', '--concurrent-job-syncs=20'];

/** Resolves when pods can be created. */
export async function startControlPlane(
  { programs, limits }: Settings,
  paths: Paths,
  processes: Processes,
): Promise<void> {
  await processes.start(programs.etcd, etcdArgs(paths), /ready to serve client requests/);
  await writeFile(paths.auditPolicy, JSON.stringify(AUDIT_POLICY));
  await processes.start(programs['kube-apiserver'], apiServerArgs(paths), /Serving securely on/);
  const api = new Api(paths.insideKubeconfig);
  try {
    await untilReady(api);
    await processes.start(programs['kube-controller-manager'], [
      ...controllerManagerArgs(paths),
      ...(limits === 'raised' ? RAISED_LIMITS : []),
    ]);
    await processes.start(programs['kube-scheduler'], schedulerArgs(paths));
    // A namespace takes no pod before the controllers gave it its service account.
    await untilPodsAreAdmitted(api, 'default');
  } finally {
    await api.close();
  }
}

/** Ends one of its processes, and starts it again after so many milliseconds. Resolves when the API server is ready. */
export async function restartPart(
  { program, signal, forMs }: { program: string; signal: NodeJS.Signals; forMs: number },
  paths: Paths,
  processes: Processes,
): Promise<void> {
  await processes.restart(program, signal, forMs);
  const api = new Api(paths.insideKubeconfig);
  await untilReady(api);
  await api.close();
}

function etcdArgs(paths: Paths): string[] {
  return [
    `--data-dir=${paths.etcd}`,
    `--listen-client-urls=${ETCD}`,
    `--advertise-client-urls=${ETCD}`,
    '--listen-peer-urls=http://127.0.0.1:2380',
    // What is lost in a crash of the machine was a test's.
    '--unsafe-no-fsync',
  ];
}

function apiServerArgs(paths: Paths): string[] {
  return [
    `--etcd-servers=${ETCD}`,
    `--advertise-address=${ADDRESS}`,
    `--secure-port=${String(API_PORT)}`,
    `--tls-cert-file=${paths.certificate}`,
    `--tls-private-key-file=${paths.certificateKey}`,
    `--service-account-key-file=${paths.serviceAccountKey}`,
    `--service-account-signing-key-file=${paths.serviceAccountKey}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--token-auth-file=${paths.tokens}`,
    '--authorization-mode=Node,RBAC',
    `--audit-policy-file=${paths.auditPolicy}`,
    `--audit-log-path=${paths.audit}`,
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    '--kubelet-preferred-address-types=InternalIP',
  ];
}

function controllerManagerArgs(paths: Paths): string[] {
  return [
    `--kubeconfig=${paths.insideKubeconfig}`,
    `--service-account-private-key-file=${paths.serviceAccountKey}`,
    `--root-ca-file=${paths.certificate}`,
    '--leader-elect=false',
  ];
}

function schedulerArgs(paths: Paths): string[] {
  return [`--kubeconfig=${paths.insideKubeconfig}`, '--leader-elect=false'];
}

/** Its listener is up before its bootstrap is done, and nothing announces that: so it is asked. */
async function untilReady(api: Api): Promise<void> {
  while (
    !(await api.call('GET', '/readyz').then(
      () => true,
      () => false,
    ))
  )
    await delay(READY_POLL_MS);
}
