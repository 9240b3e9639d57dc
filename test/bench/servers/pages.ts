// An API server with so many finished Jobs as its argument says.
import { finishedJob } from '../jobs.ts';
import { JobsApi } from './jobs-api.ts';
import { say } from './say.ts';

const api = await JobsApi.start(Number(process.argv[2]), finishedJob);
say({ port: Number(new URL(api.url).port) });
