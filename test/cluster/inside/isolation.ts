// Makes the namespaces that this process has to itself a small machine: a network with one address, a /run of its own, and
// kernel settings that only look written.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDRESS, type Paths } from '../settings.ts';
import { run } from './processes.ts';

export async function createNetwork(): Promise<void> {
  await run('ip', 'link', 'set', 'lo', 'up');
  // A bridge without ports stands for the network card: with it there is an address and a default route to give to pods.
  await run('ip', 'link', 'add', 'outer', 'type', 'bridge');
  await run('ip', 'address', 'add', `${ADDRESS}/24`, 'dev', 'outer');
  await run('ip', 'link', 'set', 'outer', 'up');
  await run('ip', 'route', 'add', 'default', 'dev', 'outer');
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
}

/** containerd keeps its shims' sockets, and CNI the pods' networks, in /run, whatever it is told. */
export async function hideRun(): Promise<void> {
  await run('mount', '-t', 'tmpfs', 'tmpfs', '/run');
}

/** Kubelet, CNI and buildah write to some fixed places here: what they write is seen inside alone, and goes with it. */
const WRITTEN_TO = ['/usr/libexec', '/var/lib', '/var/log'];

/** Needs a /run of our own. */
export async function keepWrites(): Promise<void> {
  for (const folder of WRITTEN_TO) {
    const layer = join('/run/written', folder);
    const [upper, work] = [join(layer, 'upper'), join(layer, 'work')];
    await mkdir(upper, { recursive: true });
    await mkdir(work);
    const options = `lowerdir=${folder},upperdir=${upper},workdir=${work}`;
    await run('mount', '-t', 'overlay', 'overlay', '-o', options, folder);
  }
}

/** The kubelet sets these, and they are the whole machine's: it gets files in their place. */
const KERNEL_SETTINGS = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

export async function hideKernelSettings(paths: Paths): Promise<void> {
  await mkdir(paths.kernel);
  for (const [name, value] of Object.entries(KERNEL_SETTINGS)) {
    const file = join(paths.kernel, name.replaceAll('/', '.'));
    await writeFile(file, value);
    await run('mount', '--bind', file, join('/proc/sys', name));
  }
}
