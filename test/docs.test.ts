// What stands in docs and is known elsewhere.
import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { rightsTable } from './support/rights.ts';

const ROOT = join(import.meta.dirname, '..');
const DOCS = join(ROOT, 'docs');

/** `[text](target)`, without those that lead elsewhere; and `files` of the tests that a page names. */
const LINK = /\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g;
const TEST = /`((?:test\/)[\w./-]+\.ts)`/g;
const anchorsOf = (page: string): string[] =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('the docs', () => {
  it('list the rights as they are', async () => {
    expect(await readFile(join(DOCS, 'reference/permissions.md'), 'utf8')).to.include(
      `-->\n\n${rightsTable()}\n\n<!-- /rights -->`,
    );
  });

  it('lead to pages, headings and tests that are there', async () => {
    const names = (await readdir(DOCS, { recursive: true })).filter((name) => name.endsWith('.md'));
    const pages = ['README.md', ...names.map((name) => join('docs', name))];
    const missing: string[] = [];
    for (const page of pages) {
      const text = await readFile(join(ROOT, page), 'utf8');
      for (const [link, target = '', anchor] of text.matchAll(LINK)) {
        const file = target === '' ? join(ROOT, page) : join(ROOT, page, '..', target);
        if (!existsSync(file)) missing.push(`${page}: ${link}`);
        else if (anchor !== undefined && !anchorsOf(await readFile(file, 'utf8')).includes(anchor))
          missing.push(`${page}: ${link}`);
      }
      for (const [, test = ''] of text.matchAll(TEST))
        if (!existsSync(join(ROOT, test))) missing.push(`${page}: ${test}`);
    }
    expect(missing).to.deep.equal([]);
  });
});
