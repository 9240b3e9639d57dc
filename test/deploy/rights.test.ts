// The Roles of the plain manifest, which is the chart with no values set, beside the list of rights.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { RIGHTS } from '../../src/controller/api/permissions.ts';

interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
  rules: { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }[];
  roleRef: { kind: string; name: string };
  subjects: { kind: string; name: string; namespace: string }[];
}

const FILE = join(import.meta.dirname, '../../deploy/portico.yaml');
/** As the manifest has them. */
const NAMESPACES = { jobs: 'portico-jobs', records: 'portico', cluster: undefined };
const PORTICO = [{ kind: 'ServiceAccount', name: 'portico', namespace: 'portico' }];

describe('the Roles of the manifest', () => {
  const all = parseAllDocuments(readFileSync(FILE, 'utf8')).map((document) => document.toJS() as Manifest);
  // Null is a document of comments alone.
  const manifests = all.filter((manifest) => manifest?.metadata?.annotations?.['helm.sh/hook'] === undefined);
  const boundTo = ({ kind, metadata: { name, namespace } }: Manifest) =>
    manifests
      .filter(
        ({ roleRef, metadata }) =>
          roleRef?.kind === kind && roleRef.name === name && metadata.namespace === namespace,
      )
      .flatMap(({ subjects }) => subjects);
  const roles = manifests.filter(
    (manifest) =>
      /Role$/.test(manifest?.kind) && JSON.stringify(boundTo(manifest)) === JSON.stringify(PORTICO),
  );
  const given = roles.flatMap(({ metadata: { namespace }, rules }) =>
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.map((verb) => `${verb} ${resource}.${group} in ${String(namespace)}`),
        ),
      ),
    ),
  );

  it('give Portico the rights of the list, each where it is needed, and no other', () => {
    const needed = RIGHTS.map(
      ({ in: place, verb, group, resource }) =>
        `${verb} ${resource}.${group} in ${String(NAMESPACES[place])}`,
    );
    expect(given.sort()).to.deep.equal(needed.sort());
  });

  it('limit what is limited to a name to the Lease that Portico takes by itself', () => {
    const named = roles.flatMap(({ rules }) => rules).filter(({ resourceNames }) => resourceNames);
    expect(named.map(({ resources, resourceNames }) => [resources, resourceNames])).to.deep.equal([
      [['leases'], [`portico-${NAMESPACES.jobs}`]],
    ]);
  });

  it('give nobody else anything', () => {
    const others = manifests.filter((manifest) => /Role$/.test(manifest?.kind) && !roles.includes(manifest));
    expect(others.map(({ metadata }) => metadata.name)).to.deep.equal([]);
  });
});
