// A plot as SVG.
import { parse, View } from 'vega';
import { compile } from 'vega-lite';
import type { Plot } from './plots.ts';

export async function svgOf({ spec }: Plot): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
