// The one node: containerd with runc and CNI, the kubelet, and kube-proxy for the cluster's Services.
import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Api, type KubeObject } from '../api.ts';
import {
  ADDRESS,
  NODE_NAME,
  type Paths,
  PAUSE_IMAGE,
  POD_RANGE,
  type Settings,
  WORKER_LABEL,
} from '../settings.ts';
import type { Processes } from './processes.ts';

/** Debian's place, and that of the project's own releases. */
export const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin'];

/** Takes images from then on. */
export async function startContainerd(paths: Paths, processes: Processes): Promise<void> {
  const cniConfig = join(paths.cni, 'conf');
  await mkdir(cniConfig, { recursive: true });
  await mkdir(paths.containerd);
  await writeFile(join(cniConfig, '10-bridge.conflist'), JSON.stringify(bridge(paths)));
  const config = join(paths.containerd, 'config.toml');
  await writeFile(config, containerdConfig(paths, cniConfig));
  await processes.start('containerd', [`--config=${config}`], /containerd successfully booted/);
}

/** Needs the API server and containerd. Resolves when the scheduler sends pods here. */
export async function startNode(
  { programs, node }: Settings,
  paths: Paths,
  processes: Processes,
): Promise<void> {
  await mkdir(paths.kubelet);
  const config = join(paths.kubelet, 'config.json');
  await writeFile(config, JSON.stringify(kubeletConfig(paths, node?.cgroup ?? '/')));
  await processes.start(programs.kubelet, [
    `--kubeconfig=${paths.insideKubeconfig}`,
    `--config=${config}`,
    `--root-dir=${paths.kubelet}`,
    `--cert-dir=${join(paths.kubelet, 'pki')}`,
    `--hostname-override=${NODE_NAME}`,
    `--node-ip=${ADDRESS}`,
    `--node-labels=${WORKER_LABEL}=${NODE_NAME}`,
  ]);
  await processes.start(programs['kube-proxy'], [
    `--kubeconfig=${paths.insideKubeconfig}`,
    // What all versions have: nftables is on from 1.31.
    '--proxy-mode=iptables',
    `--hostname-override=${NODE_NAME}`,
    // The table of connections is the whole machine's.
    '--conntrack-max-per-core=0',
    '--conntrack-min=0',
  ]);
  const api = new Api(paths.insideKubeconfig);
  await api.until('/api/v1/nodes', (object) => (isSchedulable(object) ? object : undefined));
  await api.close();
}

function isSchedulable({ status, spec }: KubeObject): boolean {
  const conditions = (status?.['conditions'] ?? []) as { type: string; status: string }[];
  const taints = (spec?.['taints'] ?? []) as unknown[];
  return taints.length === 0 && conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

const bridge = (paths: Paths) => ({
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'pods',
      isGateway: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: POD_RANGE }]],
        routes: [{ dst: '0.0.0.0/0' }],
        dataDir: join(paths.cni, 'addresses'),
      },
    },
  ],
});

const containerdConfig = (paths: Paths, cniConfig: string): string => `version = 2
root = "${join(paths.containerd, 'root')}"
state = "${join(paths.containerd, 'state')}"

[grpc]
  address = "${paths.containerdSocket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Without the right to lower a score, starting a pod would fail.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI_FOLDERS.find((folder) => existsSync(folder)) ?? ''}"
    conf_dir = "${cniConfig}"
`;

const kubeletConfig = (paths: Paths, cgroup: string) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
  address: ADDRESS,
  // Only the API server is in this network.
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  cgroupDriver: 'cgroupfs',
  cgroupRoot: cgroup,
  enforceNodeAllocatable: [],
  failSwapOn: false,
  resolvConf: '',
  podLogsDir: join(paths.logs, 'pods'),
  volumePluginDir: join(paths.kubelet, 'volume-plugins'),
  // A full disk of the machine is not what is tested; memory is.
  evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '0%', 'imagefs.available': '0%' },
  imageGCHighThresholdPercent: 100,
});
