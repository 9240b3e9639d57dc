// The rights, as docs/reference/permissions.md has them: from the list, and from what is seen to fail without each.
import { RIGHTS } from '../../src/controller/api/permissions.ts';
import { BEHAVIOURS } from '../cluster/control-plane/rights.ts';

const PLACES = { jobs: 'the Jobs', records: 'the records', cluster: 'the cluster' };

/** The table of rights, as it has to stand in docs/reference/permissions.md. */
export function rightsTable(): string {
  const rows = RIGHTS.map(({ in: place, group, resource, verb, for: purpose }) => {
    const fails = BEHAVIOURS[`${verb} ${resource}`]?.fails ?? '';
    return `| ${PLACES[place]} | \`${verb}\` \`${resource}\`${group && ` (${group})`} | ${purpose} | ${fails} |`;
  });
  return ['| in | right | for | without it |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
