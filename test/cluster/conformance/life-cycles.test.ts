// Jobs and pods that run in the embedded cluster, beside those that run in Kubernetes.
import { describeScenarios } from './suite.ts';

describeScenarios('life cycles in the embedded cluster and in Kubernetes', ({ needsNode }) => needsNode);
