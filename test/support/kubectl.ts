// The real kubectl, where this machine has one. Keeps its caches out of the user's home.
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const hasKubectl = (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
  try {
    accessSync(join(folder, 'kubectl'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

/** What kubectl prints. @throws with its stderr when it ends with another code than 0 */
export async function kubectl(kubeconfig: string, cacheDir: string, ...args: string[]): Promise<string> {
  const options = [`--kubeconfig=${kubeconfig}`, `--cache-dir=${cacheDir}`];
  const { stdout } = await run('kubectl', [...options, ...args], { env: { ...process.env, HOME: cacheDir } });
  return stdout;
}
