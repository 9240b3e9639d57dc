// A client that a generator makes of the document makes the three calls, and the compiler keeps its users from mistakes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';
import { expect } from 'chai';
import ts from 'typescript';
import { type Portico, startPortico } from '../fixture.ts';
import { document } from './support.ts';

/** As a user of the generated client would write it. */
const PROGRAM = `
import { client } from './client.gen.ts';
import { queryJob, startJob, stopJob } from './sdk.gen.ts';

export async function threeCalls(baseUrl: string) {
  client.setConfig({ baseUrl });
  const headers = { 'Idempotency-Key': '"generated"' };
  const body = { worker_id: 'local', command: 'bash', path: 'x.sh', args: ['1'], env: { A: 'b' } };
  const started = await startJob({ body, headers });
  const jobId: string = started.data?.job_id ?? '';
  const reference = { body: { worker_id: 'local', job_id: jobId } };
  const stopped = await stopJob(reference);
  const success: true | undefined = stopped.data?.success;
  const queried = await queryJob({ ...reference, headers: { Prefer: 'wait=0' } });
  const refused = await queryJob({ body: { worker_id: 'nobody', job_id: jobId } });
  const text: string | undefined = refused.error?.error;
  return { jobId, success, answer: queried.data, text, status: refused.response?.status };
}
`;
const MISTAKES = `
import { queryJob, startJob } from './sdk.gen.ts';
void startJob({ body: { worker_id: 'local', command: 7, path: 'x.sh' } });
void startJob({ body: { worker_id: 'local', command: 'bash' } });
void queryJob({ body: { job_id: 'x' } });
`;

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: [],
  allowImportingTsExtensions: true,
  skipLibCheck: true,
};

describe('a generated client', function () {
  this.timeout(60_000);
  let folder: string;
  let portico: Portico;
  before(async () => {
    portico = await startPortico();
    folder = await mkdtemp(join(tmpdir(), 'portico-generated-'));
    await createClient({
      input: document(),
      output: { path: folder, importFileExtension: '.ts' },
      plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
      logs: { level: 'silent' },
    });
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'program.ts'), PROGRAM);
    await writeFile(join(folder, 'mistakes.ts'), MISTAKES);
  });
  after(async () => {
    await portico.listening.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const complaintsAbout = (file: string) =>
    ts
      .getPreEmitDiagnostics(ts.createProgram([join(folder, file)], OPTIONS))
      .map(({ file, start = 0, messageText }) => ({
        line: file?.getLineAndCharacterOfPosition(start).line,
        text: ts.flattenDiagnosticMessageText(messageText, ' '),
      }));

  it('compiles, and its mistakes do not', () => {
    expect(complaintsAbout('program.ts')).to.deep.equal([]);
    expect(complaintsAbout('mistakes.ts').map(({ line }) => line)).to.deep.equal([2, 3, 4]);
  });

  it('starts, stops and queries a job', async () => {
    const { threeCalls } = (await import(pathToFileURL(join(folder, 'program.ts')).href)) as {
      threeCalls: (baseUrl: string) => Promise<Record<string, unknown>>;
    };
    const answers = await threeCalls(`http://127.0.0.1:${String(portico.listening.port)}`);
    expect(answers['jobId']).to.match(/^[0-9a-f-]{36}$/);
    expect(answers).to.deep.include({
      success: true,
      answer: { done: true, error: true, error_text: 'signal: killed' },
      text: 'worker not found',
      status: 500,
    });
    expect(portico.service.started).to.deep.equal([
      { workerId: 'local', command: 'bash', path: 'x.sh', args: ['1'], env: { A: 'b' } },
    ]);
  });
});
