import { expect } from 'chai';
import { type Pinned, versionsFor } from './versions.ts';

const pinned = (version: string, ...tools: string[]): Pinned => ({
  module: `go/${version}`,
  version,
  tools: tools.map((name) => `k8s.io/kubernetes/cmd/${name}`),
});
const NEW = pinned('1.40.1', 'kube-apiserver');
const OLD = pinned('1.39.2', 'kube-apiserver', 'kubelet');

describe('the pinned versions', () => {
  it('the newest control plane is the default, with the newest kubelet there is', () => {
    expect(versionsFor(undefined, [NEW, OLD])).to.deep.equal({ controlPlane: NEW, kubelet: OLD });
    expect(versionsFor('', [NEW, OLD])).to.deep.equal({ controlPlane: NEW, kubelet: OLD });
  });

  it('a kubelet is never newer than its control plane', () => {
    expect(versionsFor('1.39.2', [NEW, OLD])).to.deep.equal({ controlPlane: OLD, kubelet: OLD });
    const newKubelet = pinned('1.40.1', 'kubelet');
    const noKubelet = pinned('1.39.2', 'kube-apiserver');
    expect(() => versionsFor('1.39.2', [newKubelet, noKubelet])).to.throw(/kubelet of 1\.39\.2 or older/);
  });

  it('a version that is not pinned is refused with those that are', () => {
    expect(() => versionsFor('1.38.0', [NEW, OLD])).to.throw(/1\.40\.1 or 1\.39\.2.*got 1\.38\.0/);
  });

  it('the modules of this folder can be used', () => {
    const { controlPlane, kubelet } = versionsFor(undefined);
    expect(controlPlane.version).to.match(/^1\.\d+\.\d+$/);
    expect(kubelet.tools).to.include('k8s.io/kubernetes/cmd/kubelet');
  });
});
