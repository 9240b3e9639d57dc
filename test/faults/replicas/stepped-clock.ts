// Loaded into a replica before anything else (node --import): at SIGUSR2 its wall clock leaps by what the file of
// PORTICO_TEST_CLOCK says, in milliseconds from the machine's own. Timers go on, as they do when somebody sets the time.
import { readFileSync } from 'node:fs';

const file = process.env['PORTICO_TEST_CLOCK'] ?? '';
const TrueDate = Date;
let aheadMs = 0;

const read = (): void => {
  aheadMs = Number(readFileSync(file, 'utf8'));
};

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args: []) =>
    args.length > 0 ? new target(...args) : new target(target.now() + aheadMs),
  get: (target, name) =>
    name === 'now' ? () => target.now() + aheadMs : (Reflect.get(target, name) as unknown),
});

read();
process.on('SIGUSR2', read);
