// How long things take until all is well again: from the end of the leader to the next one, from the return of the cluster to the next start.

const NEXT_LEADER = 'leader killed, until another leads';
const NEXT_SETTLED = 'leader killed, until another settles a job';
const NEXT_START = 'cluster back, until a job is started';

export class Recoveries {
  readonly #begun = new Map<string, number>();
  /** Milliseconds, of each time. */
  readonly times = new Map<string, number[]>();

  leaderKilled(): void {
    this.#begin(NEXT_LEADER);
    this.#begin(NEXT_SETTLED);
  }

  clusterBack(): void {
    this.#begin(NEXT_START);
  }

  /** Nobody starts jobs any more, and nothing goes wrong: what has not come by now is not waited for. */
  over(): void {
    this.#begun.clear();
  }

  leads(): void {
    this.#end(NEXT_LEADER);
  }

  settled(): void {
    if (!this.#begun.has(NEXT_LEADER)) this.#end(NEXT_SETTLED);
  }

  started(): void {
    this.#end(NEXT_START);
  }

  replicaEnded(ms: number): void {
    this.#add('SIGTERM, until the replica is gone', ms);
  }

  #begin(what: string): void {
    this.#begun.set(what, performance.now());
  }

  #end(what: string): void {
    const begunMs = this.#begun.get(what);
    if (begunMs === undefined) return;
    this.#begun.delete(what);
    this.#add(what, performance.now() - begunMs);
  }

  #add(what: string, ms: number): void {
    this.times.set(what, [...(this.times.get(what) ?? []), ms]);
  }
}
