import { expect } from 'chai';
import { KINDS, parseFieldSelector } from '../../../src/devcluster/kinds/index.ts';
import type { Job, Pod } from '../../../src/kube/wire.ts';
import { recorded } from './fixtures.ts';
import { kindNamed, refusalOf } from './kinds.ts';

interface Case {
  text: string;
  error?: string;
  matches?: boolean[];
  sets?: Record<string, string>[];
}

describe('field selectors', () => {
  const pods = kindNamed('Pod');
  const [first, ...cases] = recorded<Case>('field-selector');
  const sets = first?.sets ?? [];
  const objects = sets.map((fields) => ({
    metadata: { name: fields['metadata.name'] },
    status: { phase: fields['status.phase'] },
  }));

  for (const { text, error, matches } of cases) {
    if (error === undefined) {
      it(`${JSON.stringify(text)} selects what Kubernetes selects`, () => {
        expect(objects.map(parseFieldSelector(text, pods))).to.deep.equal(matches);
      });
    } else {
      it(`${JSON.stringify(text)} is refused in Kubernetes' words`, () => {
        const { code, message } = refusalOf(() => parseFieldSelector(text, pods));
        expect({ code, message }).to.deep.equal({ code: 400, message: error });
      });
    }
  }

  it('a field that a kind does not select by is refused, each kind in its own words', () => {
    const said = (kind: string) => refusalOf(() => parseFieldSelector('spec.foo=x', kindNamed(kind))).message;
    expect(said('Pod')).to.equal('field label not supported: spec.foo');
    expect(said('Job')).to.equal('field label "spec.foo" not supported for Job');
    expect(said('ConfigMap')).to.equal(
      '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  it('every kind is selected by name, and by namespace where it has one', () => {
    for (const kind of KINDS) {
      const object = { metadata: { name: 'x', namespace: 'n' } };
      expect(parseFieldSelector('metadata.name=x', kind)(object), kind.type.kind).to.be.true;
      if (kind.type.namespaced) expect(parseFieldSelector('metadata.namespace!=n', kind)(object)).to.be.false;
    }
  });

  it('pods are selected by node, phase, restart policy and service account', () => {
    const pod: Pod = {
      spec: { nodeName: 'n', restartPolicy: 'Never', serviceAccountName: 's', containers: [] },
      status: { phase: 'Running', podIPs: [{ ip: '127.0.0.1' }] },
    };
    const selects = (text: string) => parseFieldSelector(text, pods)(pod);
    expect(selects('spec.nodeName=n,status.phase!=Pending,spec.restartPolicy=Never')).to.be.true;
    expect(selects('spec.host=n,spec.serviceAccountName=s,status.podIP=127.0.0.1')).to.be.true;
    expect(selects('spec.nodeName=')).to.be.false;
    expect(selects('spec.hostNetwork=false')).to.be.true;
  });

  it('jobs are selected by how many pods succeeded', () => {
    const job: Job = { status: { succeeded: 1 } };
    expect(parseFieldSelector('status.successful=1', kindNamed('Job'))(job)).to.be.true;
    expect(parseFieldSelector('status.successful=0', kindNamed('Job'))({})).to.be.true;
  });

  it('events are selected by what they are about', () => {
    const event = {
      involvedObject: { kind: 'Job', name: 'x', uid: 'u' },
      reason: 'R',
      type: 'Normal',
      source: { component: 'c' },
    };
    const selects = parseFieldSelector(
      'involvedObject.kind=Job,involvedObject.name=x,involvedObject.uid=u,reason=R,type=Normal,source=c',
      kindNamed('Event'),
    );
    expect(selects(event as never)).to.be.true;
  });
});
