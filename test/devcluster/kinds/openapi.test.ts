import { expect } from 'chai';
import { KINDS, openApiV2, openApiV3, openApiV3Index } from '../../../src/devcluster/kinds/index.ts';

type Json = Record<string, unknown>;

const documents = () => Object.keys(openApiV3Index().paths).map((path) => ({ path, ...openApiV3(path) }));

/** Every $ref in a document. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (key === '$ref' ? [String(item)] : references(item)));
}

const schemaIn = (path: string, name: string): Json => openApiV3(path)?.components.schemas[name] ?? {};
const propertyOf = (path: string, name: string, property: string): Json =>
  (schemaIn(path, name).properties as Record<string, Json>)[property] ?? {};

describe('OpenAPI v3', () => {
  it('has a document for every group and version, under an address that changes with it', () => {
    const { paths } = openApiV3Index();
    expect(Object.keys(paths)).to.deep.equal(['api/v1', 'apis/batch/v1', 'apis/coordination.k8s.io/v1']);
    for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
      expect(serverRelativeURL).to.match(new RegExp(`^/openapi/v3/${path}\\?hash=[0-9A-F]{64}$`));
    }
    expect(openApiV3('apis/apps/v1')).to.equal(undefined);
  });

  it('refers to nothing that is not there', () => {
    for (const { path, paths, components } of documents()) {
      const names = Object.keys(components?.schemas ?? {}).map((name) => `#/components/schemas/${name}`);
      const missing = references({ paths, components }).filter((reference) => !names.includes(reference));
      expect(missing, path).to.deep.equal([]);
    }
  });

  it('tells for every kind that writes can be validated and tried out, and how it is patched', () => {
    for (const { type } of KINDS) {
      const root = type.group === '' ? `api/${type.version}` : `apis/${type.group}/${type.version}`;
      const scope = type.namespaced ? '/namespaces/{namespace}' : '';
      const item = openApiV3(root)?.paths[`/${root}${scope}/${type.plural}/{name}`] as { patch: Json };
      const parameters = (item.patch.parameters as { name: string }[]).map(({ name }) => name);
      expect(parameters, type.kind).to.include.members(['dryRun', 'fieldManager', 'fieldValidation']);
      const { content } = item.patch.requestBody as { content: object };
      expect(Object.keys(content)).to.include('application/strategic-merge-patch+json');
      expect(item.patch['x-kubernetes-group-version-kind']).to.deep.equal({
        group: type.group,
        version: type.version,
        kind: type.kind,
      });
    }
  });

  it('finds the schema of a kind by its group, version and kind', () => {
    expect(
      schemaIn('apis/batch/v1', 'io.k8s.api.batch.v1.Job')['x-kubernetes-group-version-kind'],
    ).to.deep.equal([{ group: 'batch', kind: 'Job', version: 'v1' }]);
  });

  it('has the types, the references and the merge keys of Kubernetes', () => {
    expect(propertyOf('apis/batch/v1', 'io.k8s.api.batch.v1.JobSpec', 'backoffLimit')).to.deep.include({
      type: 'integer',
      format: 'int32',
    });
    expect(propertyOf('apis/batch/v1', 'io.k8s.api.batch.v1.JobSpec', 'template')).to.deep.include({
      allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.PodTemplateSpec' }],
      default: {},
    });
    expect(propertyOf('api/v1', 'io.k8s.api.core.v1.PodSpec', 'volumes')).to.deep.include({
      type: 'array',
      'x-kubernetes-patch-strategy': 'merge,retainKeys',
      'x-kubernetes-patch-merge-key': 'name',
    });
    expect(propertyOf('api/v1', 'io.k8s.api.core.v1.ResourceRequirements', 'limits')).to.deep.include({
      type: 'object',
      additionalProperties: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' },
    });
    expect(
      propertyOf('api/v1', 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'finalizers'),
    ).to.deep.include({
      'x-kubernetes-patch-strategy': 'merge',
    });
  });

  it('says what fields are for, and which are required', () => {
    const { description } = propertyOf('apis/batch/v1', 'io.k8s.api.batch.v1.JobSpec', 'backoffLimit');
    expect(description).to.match(/number of retries before marking this job failed/);
    expect(schemaIn('apis/batch/v1', 'io.k8s.api.batch.v1.JobSpec').required).to.deep.equal(['template']);
    expect(schemaIn('api/v1', 'io.k8s.api.core.v1.Container').required).to.deep.equal(['name']);
  });
});

describe('OpenAPI v2', () => {
  it('holds what all documents of v3 hold', () => {
    const { swagger, paths, definitions } = openApiV2();
    expect(swagger).to.equal('2.0');
    for (const document of documents()) {
      expect(Object.keys(paths)).to.include.members(Object.keys(document.paths ?? {}));
      expect(Object.keys(definitions)).to.include.members(Object.keys(document.components?.schemas ?? {}));
    }
  });

  it('refers to nothing that is not there', () => {
    const { paths, definitions } = openApiV2();
    const names = Object.keys(definitions).map((name) => `#/definitions/${name}`);
    const missing = references({ paths, definitions }).filter((reference) => !names.includes(reference));
    expect(missing).to.deep.equal([]);
  });

  it('takes a body as a parameter', () => {
    const item = openApiV2().paths['/apis/batch/v1/namespaces/{namespace}/jobs'] as { post: Json };
    expect((item.post.parameters as Json[])[0]).to.deep.equal({
      in: 'body',
      name: 'body',
      schema: { $ref: '#/definitions/io.k8s.api.batch.v1.Job' },
    });
  });
});
