// The objects' database with a switch: while it is off no write is taken, as on a full disk, whoever runs the tests.
import { WriteError, type ObjectDatabase } from '../../src/devcluster/apiserver/index.ts';
import { Database, type Room, type Row } from '../../src/devcluster/apiserver/storage/database.ts';

export class FailingDatabase implements ObjectDatabase {
  readonly #database: Database;
  /** What is wrong; undefined while all is well. */
  fault: string | undefined;
  /** Writes are taken until so many have been. */
  writesLeft = Infinity;
  /** Told of what was refused: `/pods`, `batch/jobs` ... */
  onRefused: (resource: string) => void = () => undefined;

  constructor(directory: string) {
    this.#database = new Database(directory);
  }

  get version(): number {
    return this.#database.version;
  }

  rows(): Iterable<Row> {
    return this.#database.rows();
  }

  put(row: Row, room: Room): void {
    this.#write(row.resource);
    this.#database.put(row, room);
  }

  remove(resource: string, key: string): void {
    this.#write(resource);
    this.#database.remove(resource, key);
  }

  nextVersion(): number {
    return this.#database.nextVersion();
  }

  /** Finds nothing: only a write does. */
  look(): void {
    this.#database.look();
  }

  prove(): void {
    if (this.fault !== undefined) throw new WriteError(this.fault);
    this.#database.prove();
  }

  close(): void {
    this.#database.close();
  }

  #write(resource: string): void {
    if (this.writesLeft <= 0) this.fault ??= 'no space left on the disk';
    this.writesLeft -= 1;
    if (this.fault === undefined) return;
    this.onRefused(resource);
    throw new WriteError(this.fault);
  }
}
