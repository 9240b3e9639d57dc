// Stands for the images of distributions: folders to build from, made of files of this machine. Builds nothing.
import { chmod, copyFile, cp, mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programInPath } from '../../support/executables.ts';
import { run } from '../inside/processes.ts';

/** bash, coreutils, and what a script of a test, or of a build, may want besides. */
const PROGRAMS = `bash sh cat chmod cp cut date dd dirname echo env false find grep head id kill ls mkdir mktemp mv nice nohup
  nproc printenv printf ps pwd readlink rm sed seq setsid sleep sort stat stdbuf tail tee test timeout touch tr true uname uniq
  wc yes`;

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** In place of debian. Resolves to the folder to build from. */
export async function distribution(folder: string): Promise<string> {
  const root = join(folder, 'root');
  const programs = PROGRAMS.split(/\s+/).flatMap((name) => {
    // Some of them only some machines have.
    const file = programInPath(name);
    return file === undefined ? [] : [[name, file] as const];
  });
  for (const [name, file] of programs) await copyInto(root, file, join('/usr/bin', name));
  await copyLibraries(
    root,
    programs.map(([, file]) => file),
  );
  // RUN asks for /bin/sh.
  await symlink('usr/bin', join(root, 'bin'));
  await mkdir(join(root, 'tmp'));
  await chmod(join(root, 'tmp'), 0o1777);
  return withDockerfile(folder, 'COPY root /', 'CMD ["bash"]');
}

/** In place of node, which has a shell and npm. */
export async function nodeDistribution(folder: string, node: string): Promise<string> {
  await distribution(folder);
  const root = join(folder, 'root');
  await copyInto(root, node, '/usr/local/bin/node');
  await copyLibraries(root, [node]);
  const npm = await npmFolder();
  await cp(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  if (!existsSync(CERTIFICATES)) return withDockerfile(folder, 'COPY root /');
  await copyInto(root, CERTIFICATES, CERTIFICATES);
  return withDockerfile(folder, 'COPY root /', `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`);
}

/** In place of distroless: what Node is linked with, and nothing that could be run. */
export async function librariesOfNode(folder: string, node: string): Promise<string> {
  await copyLibraries(join(folder, 'root'), [node]);
  return withDockerfile(folder, 'COPY root /');
}

async function withDockerfile(folder: string, ...lines: string[]): Promise<string> {
  const all = ['FROM scratch', 'ENV PATH=/usr/local/bin:/usr/bin:/bin', ...lines];
  await writeFile(join(folder, 'Dockerfile'), `${all.join('\n')}\n`);
  return folder;
}

/** Of the npm that is in the PATH: a script in its bin/. */
async function npmFolder(): Promise<string> {
  const npm = programInPath('npm');
  if (npm === undefined) throw new Error('expected npm in the PATH, to build with');
  return dirname(dirname(await realpath(npm)));
}

async function copyLibraries(root: string, files: string[]): Promise<void> {
  const listed = await run('ldd', ...files);
  // "libc.so.6 => /lib/libc.so.6 (0x7f…)", or the loader's path alone.
  const libraries = [...listed.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)].flatMap(([, path]) => path ?? []);
  for (const file of new Set(libraries)) await copyInto(root, file, file);
}

/** What a link points to, under the link's name. */
async function copyInto(root: string, file: string, name: string): Promise<void> {
  const target = join(root, name);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(await realpath(file), target);
}
