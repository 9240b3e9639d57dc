// Evicts a pod: the condition that says so, then a delete with its grace period. There are no disruption budgets here,
// so nothing stands in its way.
import type { Pod } from '../../../kube/wire.ts';
import { setPodCondition } from '../../conditions.ts';
import { PODS } from '../../kinds/index.ts';
import { badRequest, notFound } from '../../status.ts';
import { checkPreconditions } from '../storage/deletion.ts';
import type { Api, Call, Reply } from './call.ts';
import { deleteOptionsOf, success } from './delete.ts';
import type { RequestPath } from './place.ts';

const EVICTED = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'EvictionByEvictionAPI',
  message: 'Eviction API: evicting',
};

/** Throws Refusal. */
export function evict(
  api: Api,
  { namespace, name }: RequestPath & { name: string },
  { query, body }: Call,
): Reply {
  const options = deleteOptionsOf(query, optionsIn(body, name));
  const pod = api.objects.get<Pod>(PODS, namespace, name);
  if (!pod) throw notFound({ group: '', plural: PODS.plural, name });
  checkPreconditions(PODS, pod, options);
  if (options.dryRun) return success(201);
  api.objects.edit<Pod>(PODS, namespace, name, 'all', (edited) => {
    // Not of a generation: Kubernetes leaves that out here.
    setPodCondition({ status: (edited.status ??= {}) }, EVICTED, api.clock.dateMs());
  });
  // The condition was a write of our own: what is left to compare is the uid.
  delete options.resourceVersion;
  api.objects.delete(PODS, namespace, name, options);
  return success(201);
}

function optionsIn(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null) throw badRequest('expected the body to be an Eviction');
  const { kind, metadata, deleteOptions } = body as Record<string, unknown>;
  if (kind !== undefined && kind !== 'Eviction') {
    const said = typeof kind === 'string' ? kind : JSON.stringify(kind);
    const why = `converting (v1.${said}) to (policy.Eviction): unknown conversion`;
    throw badRequest(`${said} in version "v1" cannot be handled as a Eviction: ${why}`);
  }
  const named = (metadata as { name?: unknown } | undefined)?.name;
  if (named !== undefined && named !== name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  return deleteOptions;
}
