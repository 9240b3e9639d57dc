// What both sides of a cluster agree on: its addresses inside its network namespace, its folders, and the messages between the
// process outside and the one inside.
import { join } from 'node:path';
import type { ProgramName, Programs } from './programs.ts';

/** Nothing outside the namespace has or sees these. */
export const ADDRESS = '10.0.0.1';
export const API_PORT = 6443;
export const SERVICE_RANGE = '10.96.0.0/16';
export const SERVICE_ADDRESS = '10.96.0.1';
export const POD_RANGE = '10.244.0.0/24';

/** The name of the one node, and the worker id it is labelled with. */
export const NODE_NAME = 'local';
export const WORKER_LABEL = 'portico.dev/worker-id';

export const WORKER_IMAGE = 'localhost/portico-worker:test';
export const PAUSE_IMAGE = 'localhost/pause:test';

/** Of what Kubernetes' controllers ask of the API server: as they come, or raised, which no test has to wait for. */
export type Limits = 'preset' | 'raised';

export interface Settings {
  programs: Programs;
  folder: string;
  limits: Limits;
  /** Without one the control plane runs alone. */
  node?: { cgroup: string };
}

/** Processes of the control plane that can be ended and started again while everything else runs on. */
export const PARTS: readonly ProgramName[] = ['etcd', 'kube-apiserver', 'kube-controller-manager'];

export type Order =
  | { do: 'forward'; id: number; host: string; port: number }
  | { do: 'restart'; id: number; program: string; signal: 'SIGKILL' | 'SIGTERM'; forMs: number };

export type Report =
  | { say: 'progress'; line: string }
  | { say: 'ready' }
  /** At any time, also after ready: the cluster is of no use any more. */
  | { say: 'failed'; message: string }
  /** An order is carried out. */
  | { say: 'done'; id: number };

/** Everything of a run is in its folder; what is said of each is who writes it. */
export const pathsIn = (folder: string) => ({
  lock: join(folder, 'lock'),
  logs: join(folder, 'logs'),
  audit: join(folder, 'logs', 'audit.log'),
  auditPolicy: join(folder, 'audit-policy.json'),
  certificate: join(folder, 'apiserver.crt'),
  certificateKey: join(folder, 'apiserver.key'),
  serviceAccountKey: join(folder, 'service-account.key'),
  tokens: join(folder, 'tokens.csv'),
  insideKubeconfig: join(folder, 'inside.kubeconfig'),
  kubeconfig: join(folder, 'kubeconfig'),
  testKubeconfig: join(folder, 'test.kubeconfig'),
  etcd: join(folder, 'etcd'),
  containerd: join(folder, 'containerd'),
  containerdSocket: join(folder, 'containerd.sock'),
  cni: join(folder, 'cni'),
  kubelet: join(folder, 'kubelet'),
  images: join(folder, 'images'),
  kernel: join(folder, 'kernel'),
});

export type Paths = ReturnType<typeof pathsIn>;
