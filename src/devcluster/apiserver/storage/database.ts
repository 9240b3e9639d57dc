// Objects on disk: one SQLite file, one row an object. Knows keys and text, not what the objects mean.
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { inUse, prepareStateFolder, removeOwner, StateError, writeOwner } from './state-folder.ts';

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

/** https://www.sqlite.org/rescode.html */
const BUSY = 5;
const READ_ONLY = 8;
const CORRUPT = 11;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff // the primary code of an extended one
    : undefined;

function stateErrorOf(directory: string, error: unknown): unknown {
  if (error instanceof StateError) return error;
  switch (codeOf(error)) {
    case BUSY:
      return inUse(directory, error);
    case READ_ONLY:
    case CANNOT_OPEN:
      return new StateError(directory, 'not writable', { cause: error });
    case CORRUPT:
    case NOT_A_DATABASE:
      return new StateError(directory, 'corrupt database', { cause: error });
    case undefined:
      return error;
    default:
      return new StateError(directory, error instanceof Error ? error.message : String(error), {
        cause: error,
      });
  }
}

export interface Row {
  resource: string;
  /** "NAMESPACE/NAME", or "NAME" for what has no namespace. */
  key: string;
  body: string;
}

/**
 * Holds an exclusive lock for as long as it is open; the kernel takes it back when the process dies. A write has reached the
 * operating system when it returns, so it survives a kill; it may not survive a power failure (synchronous NORMAL).
 */
export class Database {
  readonly #directory: string;
  readonly #db: DatabaseSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  #version: number;
  #ceiling: number;

  /** @throws StateError */
  constructor(directory: string) {
    prepareStateFolder(directory);
    this.#directory = directory;
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(join(directory, 'objects.sqlite'));
      lock(db);
      writeOwner(directory);
      migrate(directory, db);
      this.#db = db;
      this.#put = db.prepare(
        'INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
      );
      this.#remove = db.prepare('DELETE FROM objects WHERE resource = ? AND key = ?');
      this.#ceiling = readMeta(db, 'version_ceiling');
      this.#version = this.#ceiling;
    } catch (error) {
      db?.close();
      throw stateErrorOf(directory, error);
    }
  }

  /** @throws StateError when the file is damaged. */
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

  put(resource: string, key: string, body: string): void {
    this.#put.run(resource, key, body);
  }

  remove(resource: string, key: string): void {
    this.#remove.run(resource, key);
  }

  /** The last version that was given out. */
  get version(): number {
    return this.#version;
  }

  /** Never one that was given out before, whatever crashed in between: all are below a ceiling that is on disk first. */
  nextVersion(): number {
    if (this.#version >= this.#ceiling) this.#raiseCeiling();
    this.#version += 1;
    return this.#version;
  }

  #raiseCeiling(): void {
    const ceiling = this.#version + VERSIONS_AHEAD;
    // Must survive a power failure too, unlike the writes below it.
    this.#db.exec(
      `PRAGMA synchronous = FULL;
       UPDATE meta SET value = ${String(ceiling)} WHERE name = 'version_ceiling';
       PRAGMA synchronous = NORMAL;`,
    );
    this.#ceiling = ceiling;
  }

  close(): void {
    removeOwner(this.#directory);
    this.#db.close();
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
  const tables = db.prepare(`SELECT count(*) AS n FROM sqlite_schema WHERE name = 'meta'`).get();
  if (Number(tables?.n) === 0) db.exec(`BEGIN; ${TABLES} COMMIT;`);
  const schema = readMeta(db, 'schema');
  if (schema > SCHEMA) {
    throw new StateError(
      directory,
      `written by a newer version (schema ${String(schema)}, expected ${String(SCHEMA)})`,
    );
  }
}
