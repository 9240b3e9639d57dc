import { expect } from 'chai';
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroups,
  apiResources,
  apiVersions,
  KINDS,
  versionInfo,
} from '../../../src/devcluster/kinds/index.ts';

describe('discovery', () => {
  it('lists the core version and the groups', () => {
    expect(apiVersions().versions).to.deep.equal(['v1']);
    expect(apiGroups().groups.map(({ name }) => name)).to.deep.equal(['batch', 'coordination.k8s.io']);
  });

  it('describes one group', () => {
    const version = { groupVersion: 'batch/v1', version: 'v1' };
    expect(apiGroup('batch')).to.deep.equal({
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: 'batch',
      versions: [version],
      preferredVersion: version,
    });
    for (const name of ['', 'apps', 'toString']) expect(apiGroup(name), name).to.equal(undefined);
  });

  it('lists the resources of a version with their subresources', () => {
    expect(apiResources('batch', 'v1')?.resources).to.deep.equal([
      {
        name: 'jobs',
        singularName: 'job',
        namespaced: true,
        kind: 'Job',
        verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
        categories: ['all'],
      },
      {
        name: 'jobs/status',
        singularName: '',
        namespaced: true,
        kind: 'Job',
        verbs: ['get', 'patch', 'update'],
      },
    ]);
    const core = apiResources('', 'v1');
    expect(core?.groupVersion).to.equal('v1');
    expect(core?.resources.find(({ name }) => name === 'pods/eviction')).to.deep.equal({
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    });
    expect(apiResources('batch', 'v2')).to.equal(undefined);
  });

  it('says the same at once when it is asked for everything', () => {
    const inOne = (['api', 'apis'] as const)
      .flatMap((root) => aggregatedDiscovery(root).items)
      .flatMap(({ metadata, versions }) =>
        versions.flatMap(({ version, resources }) =>
          resources.flatMap(({ resource, subresources = [] }) => [
            `${metadata.name ?? ''}/${version}/${resource}`,
            ...subresources.map(
              ({ subresource }) => `${metadata.name ?? ''}/${version}/${resource}/${subresource}`,
            ),
          ]),
        ),
      );
    const oneByOne = ['', ...apiGroups().groups.map(({ name }) => name)].flatMap((group) =>
      (apiResources(group, 'v1')?.resources ?? []).map(({ name }) => `${group}/v1/${name}`),
    );
    expect(inOne).to.have.members(oneByOne);
  });

  it('lists every kind that is served', () => {
    for (const { type } of KINDS) {
      const names = apiResources(type.group, type.version)?.resources.map(({ name }) => name);
      expect(names).to.include(type.plural);
    }
  });

  it('has a version that kubectl can read', () => {
    const { major, minor, gitVersion } = versionInfo();
    expect(gitVersion).to.match(new RegExp(`^v${major}\\.${minor}\\.\\d+\\+portico$`));
  });
});
