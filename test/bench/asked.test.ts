import { expect } from 'chai';
import { askedIn } from './asked.ts';

const METRICS = `# TYPE apiserver_request_total counter
apiserver_request_total{code="201",group="batch",resource="jobs",subresource="",verb="POST"} 3
apiserver_request_total{code="200",group="batch",resource="jobs",subresource="status",verb="PUT"} 5
apiserver_request_total{code="200",group="",resource="pods",verb="DELETE"} 2e+01
apiserver_request_total{code="200",group="",resource="pods",verb="GET"} 4
apiserver_request_total{code="200",group="",resource="pods",verb="LIST"} 1
apiserver_request_total{code="200",group="",resource="pods",verb="WATCH"} 100
apiserver_request_total{code="200",group="coordination.k8s.io",resource="leases",verb="PUT"} 1000
apiserver_request_total{code="200",group="",resource="",subresource="",verb="GET"} 1000
apiserver_request_total_of_another{resource="jobs",verb="POST"} 1000
`;

describe('what an API server has been asked', () => {
  it('are writes and reads of what jobs are about, by all clients', () => {
    expect(askedIn(METRICS)).to.deep.equal({ writes: 28, reads: 5 });
  });

  it('is nothing where there are no such metrics', () => {
    expect(askedIn('')).to.deep.equal({ writes: 0, reads: 0 });
  });
});
