// The embedded cluster's API beside that of Kubernetes: needs the control plane alone.
import { describeScenarios } from './suite.ts';

describeScenarios('the API of the embedded cluster and that of Kubernetes', ({ needsNode }) => !needsNode);
