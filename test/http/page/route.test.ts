import { expect } from 'chai';
import { hashOf, routeOf, type Route } from '../../../src/http/page/route.js';

const ALL = { workerId: '', states: [] };

describe('the address of the page', () => {
  const routes: [hash: string, route: Route][] = [
    ['#/', { jobId: '', filter: ALL }],
    ['#/jobs/f3b9', { jobId: 'f3b9', filter: ALL }],
    ['#/?worker=gpu', { jobId: '', filter: { workerId: 'gpu', states: [] } }],
    [
      '#/jobs/f3b9?worker=a%26b&state=running,failed',
      { jobId: 'f3b9', filter: { workerId: 'a&b', states: ['running', 'failed'] } },
    ],
    ['#/jobs/..%2F%3Fx%23y', { jobId: '../?x#y', filter: ALL }],
  ];
  for (const [hash, route] of routes) {
    it(`${hash} is what is shown, and the other way round`, () => {
      expect(routeOf(hash)).to.deep.equal(route);
      expect(hashOf(route)).to.equal(hash);
    });
  }

  for (const hash of [
    '',
    '#',
    '#main',
    '#/jobs',
    '#/jobs/',
    '#/a/b/c',
    '#/?state=lost',
    '#/?worker=&state=',
  ]) {
    it(`${JSON.stringify(hash)} is all jobs`, () => {
      expect(routeOf(hash)).to.deep.equal({ jobId: '', filter: ALL });
    });
  }

  it('with an id that is badly written is that id', () => {
    expect(routeOf('#/jobs/%E0%A4').jobId).to.equal('%E0%A4');
  });

  it('has states in the order of a life, each once', () => {
    expect(routeOf('#/?state=failed,pending,lost,failed').filter.states).to.deep.equal(['pending', 'failed']);
  });
});
