// Which workers have a pool: declared in the configuration, or named by a node's label. No IO.
import type { ChangeType } from '../../kube/watching/sink.ts';
import type { KubeObject } from '../../kube/wire.ts';
import { Counter } from './counter.ts';

/** A node as it arrived: its metadata alone. */
export interface SeenNode {
  name: string;
  workerId: string | undefined;
}

export function seenNode(node: KubeObject, workerLabel: string): SeenNode | undefined {
  const { name, labels } = node.metadata ?? {};
  return name ? { name, workerId: labels?.[workerLabel] } : undefined;
}

export class Pools {
  readonly #declared: ReadonlySet<string>;
  /** Node name to worker id. */
  readonly #nodes = new Map<string, string>();
  readonly #labelled = new Counter();

  /** `declared`: pools that may have no node at the moment, being scaled to zero. */
  constructor(declared: Iterable<string>) {
    this.#declared = new Set(declared);
  }

  has(workerId: string): boolean {
    return this.#declared.has(workerId) || this.#labelled.has(workerId);
  }

  /** Nodes that carry the label. */
  get size(): number {
    return this.#nodes.size;
  }

  isDeclared(workerId: string): boolean {
    return this.#declared.has(workerId);
  }

  /** All workers that have a pool, each with the names of its nodes. */
  nodesByWorker(): Map<string, string[]> {
    const nodes = new Map<string, string[]>([...this.#declared].map((workerId) => [workerId, []]));
    for (const [name, workerId] of this.#nodes) nodes.set(workerId, [...(nodes.get(workerId) ?? []), name]);
    return nodes;
  }

  replace(nodes: readonly SeenNode[]): void {
    this.#nodes.clear();
    this.#labelled.clear();
    for (const node of nodes) this.apply('ADDED', node);
  }

  apply(type: ChangeType, { name, workerId }: SeenNode): void {
    const before = this.#nodes.get(name);
    if (before !== undefined) this.#labelled.remove(before);
    this.#nodes.delete(name);
    if (type === 'DELETED' || workerId === undefined) return;
    this.#nodes.set(name, workerId);
    this.#labelled.add(workerId);
  }
}
