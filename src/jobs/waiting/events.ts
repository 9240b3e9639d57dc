// Which of the events about an object is the latest of its kind. No IO.
import type { KubeEvent } from '../../kube/wire.ts';
import { secondsOf } from '../times.ts';

/** Its message, when it is one of `reasons`. */
export function latestMessage(events: readonly KubeEvent[], ...reasons: string[]): string | undefined {
  return latest(events, ...reasons)?.message;
}

/** The one that was seen last; of those of one second, the one that was written last. */
export function latest(events: readonly KubeEvent[], ...reasons: string[]): KubeEvent | undefined {
  let found: KubeEvent | undefined;
  for (const event of events) {
    if (!reasons.includes(event.reason ?? '')) continue;
    if (!found || seenAt(event) >= seenAt(found)) found = event;
  }
  return found;
}

/** In both of the forms that Kubernetes has: counted, and in series. */
const seenAt = ({ series, lastTimestamp, eventTime, metadata }: KubeEvent): number =>
  secondsOf(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata?.creationTimestamp);
