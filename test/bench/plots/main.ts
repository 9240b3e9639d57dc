// `npm run bench:plots -- FILE FOLDER`: the main rows of a report in JSON, as SVG files.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { svgOf } from './draw.ts';
import { plotsOf, reportIn } from './plots.ts';

const [file, folder] = process.argv.slice(2);
if (file === undefined || folder === undefined) {
  console.error('expected the report of `npm run bench -- --json`, and a folder for its plots');
  process.exitCode = 1;
} else {
  const report = reportIn(await readFile(file, 'utf8'));
  await mkdir(folder, { recursive: true });
  for (const plot of plotsOf(report)) {
    await writeFile(join(folder, `${plot.name}.svg`), await svgOf(plot));
    console.log(`${plot.name}.svg`);
  }
}
