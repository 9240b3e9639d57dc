// The version of Kubernetes that the embedded API server behaves like. Constants only.

const MAJOR = '1';
/** Of the release that @kubernetes/client-node's models, hence the fields that are known here, were generated from. */
const MINOR = '36';

export const VERSION_INFO = {
  major: MAJOR,
  minor: MINOR,
  gitVersion: `v${MAJOR}.${MINOR}.0+portico`,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: process.release.name,
  platform: `${process.platform}/${process.arch}`,
};
