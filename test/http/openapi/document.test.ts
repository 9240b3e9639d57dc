// The OpenAPI document: valid, complete, and true to itself.
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { createRouters } from '../../../src/http/app.ts';
import { templateOf } from '../../../src/http/openapi/document.ts';
import { fakeOptions, type Portico, recordingLog, startPortico } from '../fixture.ts';
import { compilerFor, document, type Media, operationsOf } from './support.ts';

describe('the OpenAPI document', () => {
  let portico: Portico;
  before(async () => {
    portico = await startPortico();
  });
  after(() => portico.listening.stop());

  it('is served as JSON, and is what the routes declare', async () => {
    const { status, json, headers } = await portico.call({ method: 'GET', path: '/openapi.json' });
    expect(status).to.equal(200);
    expect(headers['content-type']).to.equal('application/json; charset=utf-8');
    expect(json).to.deep.equal(document());
  });

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(document());
    expect(errors).to.equal(undefined);
    expect(valid).to.equal(true);
    expect(document().openapi).to.match(/^3\.1\./);
  });

  it('is refused by the validator when it is not', async () => {
    expect((await new Validator().validate({ ...document(), paths: { start: 1 } })).valid).to.equal(false);
  });

  it('has every route of the routers, and no other', () => {
    const routers = createRouters({ ...fakeOptions(), log: recordingLog().log });
    const routes = routers
      .flatMap(({ stack }) => stack)
      .flatMap(({ methods, path }) =>
        // A route of GET answers HEAD, too.
        methods
          .filter((method) => method !== 'HEAD')
          .map((method) => `${method} ${templateOf(String(path))}`),
      );
    expect([...operationsOf(document()).keys()]).to.have.members(routes);
  });

  it('gives every operation a name of its own, a success and an example of each body', () => {
    const operations = [...operationsOf(document()).values()];
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).to.equal(names.length);
    for (const { operationId, requestBody, responses } of operations) {
      expect(
        Object.keys(responses).some((status) => status.startsWith('2')),
        operationId,
      ).to.equal(true);
      const bodies = [requestBody, ...Object.values(responses)].flatMap((body) =>
        Object.values(body?.content ?? {}),
      );
      for (const { examples = {} } of bodies) expect(Object.keys(examples), operationId).to.not.be.empty;
    }
  });

  it('asks for a token on what may be answered with 401, and nowhere else', () => {
    const { securitySchemes } = document().components;
    expect(securitySchemes).to.have.nested.property('token.scheme', 'bearer');
    for (const [name, { security = [], responses }] of operationsOf(document())) {
      const asks = security.some((needed) => 'token' in needed);
      expect(asks, name).to.equal('401' in responses);
    }
  });

  it('has examples that are what its schemas say', () => {
    const compile = compilerFor(document());
    let checked = 0;
    const check = (where: string, schema: object, value: unknown) => {
      const validate = compile(schema);
      expect(validate(value), `${where}: ${JSON.stringify(validate.errors)}`).to.equal(true);
      checked += 1;
    };
    const checkMedia = (where: string, content: Record<string, Media> = {}) => {
      for (const { schema, examples = {} } of Object.values(content)) {
        for (const [name, { value }] of Object.entries(examples)) check(`${where} ${name}`, schema, value);
      }
    };
    for (const [name, { parameters = [], requestBody, responses }] of operationsOf(document())) {
      for (const { name: parameter, schema, example } of parameters)
        check(`${name} ${parameter}`, schema, example);
      checkMedia(name, requestBody?.content);
      for (const [status, { content }] of Object.entries(responses)) checkMedia(`${name} ${status}`, content);
    }
    expect(checked).to.be.greaterThan(30);
  });

  it('says of bodies what the schemas that validate do', () => {
    const validate = compilerFor(document())({ $ref: '#/components/schemas/StartRequest' });
    const start = { worker_id: 'w', command: 'c', path: 'p' };
    const good = [start, { ...start, args: [''], env: { A: '' }, timeout_seconds: 1 }, { ...start, more: 1 }];
    const bad = [
      {},
      [],
      { ...start, worker_id: '' },
      { ...start, command: 'a\0b' },
      { ...start, args: [1] },
      { ...start, args: Array.from({ length: 65_537 }, () => '') },
      { ...start, env: { '1a': '' } },
      { ...start, env: { '..': '' } },
      { ...start, env: { A: '\0' } },
      { ...start, timeout_seconds: 0 },
      { ...start, timeout_seconds: 1.5 },
    ];
    for (const body of good) expect(validate(body), JSON.stringify(body)).to.equal(true);
    for (const body of bad) expect(validate(body), JSON.stringify(body).slice(0, 80)).to.equal(false);
  });
});
