#!/usr/bin/env node
// The command `portico`: main.ts as it is in a clone; in an installed package, where Node strips no types, what was built of it.
import { existsSync } from 'node:fs';

const source = new URL('./main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href);
