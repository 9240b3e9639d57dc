// Objects on disk: one SQLite file, one row an object. Knows keys and text, not what the objects mean.
import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Logger, silent } from '../../../base/logger.ts';
import { DiskSpace } from '../../disk-space.ts';
import { FILE_MODE } from '../../private-files.ts';
import { Reserve } from './reserve.ts';
import { stateErrorOf, wantsRoom, WriteError, writeErrorOf } from './sqlite-errors.ts';
import {
  DATABASE_FILE,
  identityOf,
  prepareStateFolder,
  removeOwner,
  StateError,
  writeOwner,
} from './state-folder.ts';

const SCHEMA = 1;
const TABLES = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE objects (
    resource TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (resource, key)
  ) STRICT;
  INSERT INTO meta VALUES ('schema', ${String(SCHEMA)}), ('version_ceiling', 0);
`;

/** How many versions are set aside at a time; that many are skipped, at most, by a restart. */
const VERSIONS_AHEAD = 10_000;

export interface Row {
  resource: string;
  /** "NAMESPACE/NAME", or "NAME" for what has no namespace. */
  key: string;
  body: string;
}

/** What may be written with the room that is kept for it: what is known to run and to end; not what is new. */
export type Room = 'free' | 'reserved';

/** Where the objects are kept. Every write is done, or has changed nothing, when it returns. */
export interface ObjectDatabase {
  /** The last version that was given out. */
  readonly version: number;
  /** @throws StateError when the file is damaged */
  rows(): Iterable<Row>;
  /** @throws WriteError */
  put(row: Row, room: Room): void;
  /** @throws WriteError */
  remove(resource: string, key: string): void;
  /** Never one that was given out before, whatever crashed in between. @throws WriteError */
  nextVersion(): number;
  /** Cheap: whether what was opened is still in its place, and has room. @throws WriteError */
  look(): void;
  /** Writes, and has the reserve again. @throws WriteError */
  prove(): void;
  close(): void;
}

/** A write grows the file as often, at most. Each time leaves more room than the last, and the largest object needs four. */
const MOST_GROWTHS = 8;

/**
 * Holds an exclusive lock for as long as it is open; the kernel takes it back when the process dies. A write has reached the
 * operating system when it returns, so it survives a kill; it may not survive a power failure (synchronous NORMAL).
 */
export class Database implements ObjectDatabase {
  readonly #directory: string;
  readonly #db: DatabaseSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #reserve: Reserve;
  readonly #space: DiskSpace;
  readonly #identity: string;
  #version: number;
  #ceiling: number;

  /** @throws StateError */
  constructor(directory: string, log: Logger = silent) {
    prepareStateFolder(directory, log);
    this.#directory = directory;
    this.#space = new DiskSpace(directory);
    let db: DatabaseSync | undefined;
    try {
      db = opened(directory);
      this.#db = db;
      this.#reserve = new Reserve(directory, db);
      this.#put = db.prepare(
        'INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
      );
      this.#remove = db.prepare('DELETE FROM objects WHERE resource = ? AND key = ?');
      this.#ceiling = readMeta(db, 'version_ceiling');
      this.#version = this.#ceiling;
      this.#identity = identityOf(directory);
    } catch (error) {
      db?.close();
      throw stateErrorOf(directory, error);
    }
  }

  *rows(): Generator<Row> {
    const all = this.#db.prepare('SELECT resource, key, body FROM objects ORDER BY resource, key');
    try {
      for (const row of all.iterate()) {
        yield { resource: String(row.resource), key: String(row.key), body: String(row.body) };
      }
    } catch (error) {
      throw stateErrorOf(this.#directory, error);
    }
  }

  put({ resource, key, body }: Row, room: Room): void {
    this.#write(room, () => this.#put.run(resource, key, body));
  }

  remove(resource: string, key: string): void {
    this.#write('reserved', () => this.#remove.run(resource, key));
  }

  get version(): number {
    return this.#version;
  }

  /** All are below a ceiling that is on disk first. */
  nextVersion(): number {
    if (this.#version >= this.#ceiling) this.#raiseCeiling();
    this.#version += 1;
    return this.#version;
  }

  look(): void {
    if (!this.#isInPlace())
      throw new WriteError('it was removed or replaced while in use: start Portico again');
    if (this.#space.isLow()) throw new WriteError('hardly any space left on the disk');
  }

  prove(): void {
    this.look();
    this.#write('free', () => {
      this.#db.exec('UPDATE meta SET value = value');
    });
    try {
      this.#reserve.restore();
    } catch (error) {
      throw writeErrorOf(error);
    }
  }

  close(): void {
    if (this.#isInPlace()) removeOwner(this.#directory);
    this.#db.close();
  }

  /** Each way to more room is tried after the one that costs less. */
  #write(room: Room, write: () => void): void {
    for (let tries = 0; ; tries += 1) {
      try {
        write();
        return;
      } catch (error) {
        if (!wantsRoom(error) || tries > MOST_GROWTHS || !this.#hasMadeRoom(tries, room)) {
          throw writeErrorOf(error);
        }
      }
    }
  }

  #hasMadeRoom(tries: number, room: Room): boolean {
    try {
      this.#reserve.checkpoint();
      return tries === 0 || this.#reserve.grow() || (room === 'reserved' && this.#reserve.release());
    } catch {
      // The write's own error says what is wrong.
      return false;
    }
  }

  #isInPlace(): boolean {
    try {
      return identityOf(this.#directory) === this.#identity;
    } catch {
      return false;
    }
  }

  #raiseCeiling(): void {
    const ceiling = this.#version + VERSIONS_AHEAD;
    // Must survive a power failure too, unlike the writes below it.
    this.#db.exec('PRAGMA synchronous = FULL');
    try {
      this.#write('reserved', () => {
        this.#db.exec(`UPDATE meta SET value = ${String(ceiling)} WHERE name = 'version_ceiling'`);
      });
    } finally {
      this.#db.exec('PRAGMA synchronous = NORMAL');
    }
    this.#ceiling = ceiling;
  }
}

/** Its files get the modes that it has when they are made. */
function opened(directory: string): DatabaseSync {
  const file = join(directory, DATABASE_FILE);
  // Not one that is there: closing it would let go of a lock that this process may have on it (fcntl(2)).
  if (!existsSync(file)) closeSync(openSync(file, 'wx', FILE_MODE));
  const db = new DatabaseSync(file);
  try {
    lock(db);
    writeOwner(directory);
    migrate(directory, db);
    for (const name of [file, `${file}-wal`]) chmodSync(name, FILE_MODE);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function lock(db: DatabaseSync): void {
  db.exec(
    `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
     BEGIN IMMEDIATE; COMMIT;`,
  );
}

function readMeta(db: DatabaseSync, name: string): number {
  const row = db.prepare('SELECT value FROM meta WHERE name = ?').get(name);
  return Number(row?.value ?? 0);
}

function migrate(directory: string, db: DatabaseSync): void {
  const tables = new Set(
    db
      .prepare('SELECT name FROM sqlite_schema')
      .all()
      .map(({ name }) => name),
  );
  if (tables.size === 0) db.exec(`BEGIN; ${TABLES} COMMIT;`);
  else if (!tables.has('meta') || !tables.has('objects')) {
    throw new StateError(directory, `${DATABASE_FILE} is another program's database`);
  }
  const schema = readMeta(db, 'schema');
  if (schema < 1) throw new StateError(directory, 'corrupt database');
  if (schema > SCHEMA) {
    throw new StateError(
      directory,
      `written by a newer version (schema ${String(schema)}, expected ${String(SCHEMA)})`,
    );
  }
}
