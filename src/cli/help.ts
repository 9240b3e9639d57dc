// What `portico --help` prints: every command and every setting.
import { commandLines } from './syntax.ts';
import { settingLines } from '../settings/config.ts';

export function helpText(): string {
  const lines = settingLines().map(
    ({ flag, env, help, byDefault }) =>
      `  ${flag.padEnd(26)} ${help}${byDefault && ` (${byDefault})`}\n${' '.repeat(29)}${env}`,
  );
  return [
    'Usage: portico [settings]',
    '       portico release [settings]',
    '       portico COMMAND …, to call a Portico that serves:',
    '',
    ...commandLines(),
    '',
    'portico COMMAND --help says more.',
    '',
    'Serves /start, /stop and /query on Kubernetes Jobs. With no cluster configured it brings one of its own.',
    '',
    'release, for uninstalling: takes Portico’s finalizer off every Job in the namespace, so that nothing waits for',
    'a Portico that is gone. Jobs that run go on; how they end is kept no longer.',
    '',
    ...lines,
    '',
    '  --help, --version',
    '',
  ].join('\n');
}
