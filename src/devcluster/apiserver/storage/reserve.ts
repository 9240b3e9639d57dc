// Room that the database has on disk before it is needed: so that what must be written can be when the disk is full.
//
// How SQLite is held to it: no page is ever in use that its file has no place for on disk (max_page_count, and a checkpoint
// whenever the file grows), so a checkpoint needs no room, and after it the write-ahead log begins anew in the place that it has.
// The file grows by a filler, a row of zeros. One filler is always there; when the file cannot grow any more, deleting it
// makes its pages free for other rows.
import type { DatabaseSync } from 'node:sqlite';
import { proveRoom } from './state-folder.ts';

const PAGE_BYTES = 4096;
/** 2 MiB: the endings of hundreds of jobs. */
const FILLER_PAGES = 512;
/** Of the tables' own; more than a filler takes beside its bytes. */
const SPARE_PAGES = 16;
const GROWTH_PAGES = FILLER_PAGES + SPARE_PAGES;

export class Reserve {
  readonly #directory: string;
  readonly #db: DatabaseSync;

  /** @throws the system's or SQLite's error when there is no room for it. */
  constructor(directory: string, db: DatabaseSync) {
    this.#directory = directory;
    this.#db = db;
    db.exec('CREATE TABLE IF NOT EXISTS reserve (id INTEGER PRIMARY KEY, filler BLOB NOT NULL) STRICT');
    this.restore();
  }

  /** @throws as the constructor */
  restore(): void {
    this.checkpoint();
    if (this.#fillers() > 0) this.#limitTo(this.#pages());
    else this.#grow();
  }

  /** Makes the file larger. False when the disk has no room for that. */
  grow(): boolean {
    try {
      this.#grow();
      return true;
    } catch {
      return false;
    }
  }

  /** Gives the reserve up for what must be written now. False when it was given up before. */
  release(): boolean {
    if (this.#fillers() === 0) return false;
    this.#db.exec('DELETE FROM reserve');
    return true;
  }

  /** Empties the write-ahead log. @throws SQLite's error */
  checkpoint(): void {
    this.#db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
  }

  #grow(): void {
    // The filler takes the free pages, too: what was freed by the growth before must not be all that this one adds.
    const fillerPages = FILLER_PAGES + this.#freePages();
    // Found out beforehand, for the file and its write-ahead log: a growth that fails half way costs room that is needed.
    proveRoom(this.#directory, (GROWTH_PAGES + fillerPages + SPARE_PAGES) * PAGE_BYTES);
    this.#limitTo(this.#pages() + GROWTH_PAGES);
    try {
      const { lastInsertRowid: id } = this.#db
        .prepare('INSERT INTO reserve (filler) VALUES (zeroblob(?))')
        .run(fillerPages * PAGE_BYTES);
      this.checkpoint();
      // The filler before it becomes the room that was asked for.
      this.#db.prepare('DELETE FROM reserve WHERE id <> ?').run(id);
    } finally {
      this.#limitTo(this.#pages());
    }
  }

  #limitTo(pages: number): void {
    this.#db.exec(`PRAGMA max_page_count = ${String(pages)}`);
  }

  #pages = (): number => this.#number('PRAGMA page_count', 'page_count');
  #freePages = (): number => this.#number('PRAGMA freelist_count', 'freelist_count');
  #fillers = (): number => this.#number('SELECT count(*) AS n FROM reserve', 'n');
  #number = (sql: string, column: string): number => Number(this.#db.prepare(sql).get()?.[column]);
}
