// What the machine has to offer, as a kubelet reports it. Reads the system.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { V1NodeSystemInfo } from '@kubernetes/client-node';
import type { Wire } from '../../kube/wire.ts';
import { bootId } from './runtime/process-identity.ts';

export interface Machine {
  capacity: { cpu: string; memory: string; pods: string };
  info: Wire<V1NodeSystemInfo>;
  /** In Go's words, as Kubernetes' labels have them: amd64, arm64. */
  architecture: string;
  operatingSystem: string;
}

/**
 * How many pods run at once on one node. A kubelet's default is 110, for the sake of what surrounds each container; a bare
 * process has none of that. More wait until others end.
 */
const MAX_PODS = 500;

const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', loong64: 'loong64' };

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

const osImage = (): string =>
  /^PRETTY_NAME="?([^"\n]*)/m.exec(contentOf('/etc/os-release'))?.[1] ?? `${os.type()} ${os.release()}`;

/** `version`: the Kubernetes version that this cluster behaves like. */
export function readMachine(version: string): Machine {
  const architecture = GO_ARCHITECTURES[process.arch] ?? process.arch;
  const machineID = contentOf('/etc/machine-id');
  return {
    capacity: {
      cpu: String(os.availableParallelism()),
      memory: `${String(Math.floor(os.totalmem() / 1024))}Ki`,
      pods: String(MAX_PODS),
    },
    info: {
      architecture,
      bootID: bootId(),
      containerRuntimeVersion: `process://${process.version}`,
      kernelVersion: os.release(),
      kubeProxyVersion: '',
      kubeletVersion: version,
      machineID,
      operatingSystem: process.platform,
      osImage: osImage(),
      systemUUID: contentOf('/sys/class/dmi/id/product_uuid') || machineID,
    },
    architecture,
    operatingSystem: process.platform,
  };
}
