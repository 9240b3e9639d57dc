// A pod's quality of service class, from its containers' requests and limits. No IO.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
import type { Container, PodSpec } from './pod-spec-defaults.ts';
import { isMore } from './quantity.ts';

export type QosClass = 'BestEffort' | 'Burstable' | 'Guaranteed';

const COUNTED = ['cpu', 'memory'] as const;

const amounts = (list: Record<string, string> | undefined): (string | undefined)[] =>
  COUNTED.map((name) => {
    const quantity = list?.[name];
    return quantity !== undefined && isMore(quantity, '0') ? quantity : undefined;
  });

const isGuaranteed = ({ resources }: Container): boolean => {
  const requests = amounts(resources?.requests);
  return amounts(resources?.limits).every((limit, index) => {
    const request = requests[index];
    return limit !== undefined && request !== undefined && !isMore(limit, request) && !isMore(request, limit);
  });
};

export function qosClassOf({ containers = [] }: PodSpec): QosClass {
  const asksForNothing = containers.every(({ resources }) =>
    [...amounts(resources?.requests), ...amounts(resources?.limits)].every((each) => each === undefined),
  );
  if (asksForNothing) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}
