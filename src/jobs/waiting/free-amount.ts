// What a pod asks of a node, in words: "8 free cpus". No IO.
import type { Pod } from '../../kube/wire.ts';
import { CONTAINER } from '../labels.ts';
import { listOf } from '../lenient.ts';

/** `resource`: cpu, memory, nvidia.com/gpu ... */
export function freeAmount(resource: string, pod: Pod): string {
  const amount = requestOf(resource, pod);
  if (amount === undefined) return `enough free ${resource}`;
  if (resource === 'cpu') return cpus(amount);
  // Amounts of bytes have a unit, and are not counted.
  return resource === 'memory' || resource.endsWith('storage')
    ? `${amount} of free ${resource}`
    : `${amount} free ${resource}`;
}

/** A quantity as it was written: of the command's container, or of the first that asks for it. */
function requestOf(resource: string, { spec }: Pod): string | undefined {
  const containers = [...listOf(spec?.containers), ...listOf(spec?.initContainers)];
  const own = containers.find((container) => container?.name === CONTAINER);
  return [own, ...containers].map((each) => each?.resources?.requests?.[resource]).find((each) => each);
}

/** "500m" are thousandths. */
function cpus(quantity: string): string {
  const [, number, milli] = /^(\d+(?:\.\d+)?)(m?)$/.exec(quantity) ?? [];
  if (number === undefined) return `${quantity} free cpus`;
  const count = milli ? Number(number) / 1000 : Number(number);
  return count === 1 ? '1 free cpu' : `${String(count)} free cpus`;
}
