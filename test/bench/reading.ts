// Starts a replica that reads Jobs (servers/reading.ts) from an API server without credentials.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfigOf } from '../faults/proxy/kubeconfig.ts';
import { NAMESPACE } from './jobs.ts';
import { Server } from './servers/server.ts';

export async function withReader<T>(apiUrl: string, use: (reader: Server) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-bench-'));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, kubeconfigOf({ url: apiUrl }, { token: 'none', namespace: NAMESPACE }));
  try {
    const reader = await Server.start('reading.ts', [file]);
    try {
      return await use(reader);
    } finally {
      await reader.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
