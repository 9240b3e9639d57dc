// `npm run bench:plots -- FILE FOLDER`: the main rows of a report in JSON, as SVG files.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile } from 'vega-lite';
import type { Report } from '../figures/report.ts';
import { plotsOf } from './plots.ts';

const [file, folder] = process.argv.slice(2);
if (file === undefined || folder === undefined) {
  console.error('expected the report of `npm run bench -- --json`, and a folder for its plots');
  process.exitCode = 1;
} else {
  const report = JSON.parse(await readFile(file, 'utf8')) as Report;
  await mkdir(folder, { recursive: true });
  for (const { name, spec } of plotsOf(report)) {
    const view = new View(parse(compile(spec).spec), { renderer: 'none' });
    const svg = await view.toSVG();
    view.finalize();
    await writeFile(join(folder, `${name}.svg`), `${svg}\n`);
    console.log(`${name}.svg`);
  }
}
