// The least that can stand between a caller and the API server: Node's own HTTP server, which makes a Job of what it gets and creates it.
// Its arguments: the kubeconfig, and the namespace.
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { v4 as newId } from 'uuid';
import { jobManifest } from '../../../src/jobs/manifest.ts';
import { ClusterConfig } from '../../../src/kube/config/cluster-config.ts';
import { connect } from '../../../src/kube/transport/connection.ts';
import { JOBS, pathOf } from '../../../src/kube/resource-paths.ts';
import { CONNECTIONS, manifestSettings, requestFor } from '../jobs.ts';
import { sayPort } from './say.ts';

const [kubeconfig = '', namespace = ''] = process.argv.slice(2);
const connection = connect(ClusterConfig.fromFile(kubeconfig), { connections: CONNECTIONS });
const path = pathOf(JOBS, { namespace });
const settings = { ...manifestSettings, namespace };

const server = createServer((request, response) => {
  void (async () => {
    const { worker_id: worker } = (await json(request)) as { worker_id: string };
    const id = newId();
    await connection.request({ path, method: 'POST', body: jobManifest(requestFor(worker), id, settings) });
    response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify({ job_id: id }));
  })().catch((error: unknown) => response.writeHead(500).end(String(error)));
}).listen(0, '127.0.0.1', () => sayPort(server));
