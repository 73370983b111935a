import { later, seconds } from '../common/units.js';
import type { Instant, Millis } from '../common/units.js';
import type { NamespaceFacts } from './lab-observed.mapper.js';
import type { ObservedPod } from './lab.observed.js';

/** How far our clock and the API server's may be apart before something old looks new. */
const SKEW: Millis = seconds(60);

/** From when on what appears without our mark was made by somebody else while we led. */
export const watchedFrom = (leadingSince: Instant): Instant => later(leadingSince, SKEW);

/**
 * What in a user's place shows that another controller of the same prefix is at work; undefined if nothing does.
 *
 * Whatever we make carries our mark from its first moment. So a lab's namespace or pod without one that was made after
 * we began to lead was made by another controller, or by a person who imitates one. What was there before proves
 * nothing: it is what we came to adopt. Neither does a deletion: people delete namespaces by hand.
 */
export function rivalEvidence(
  place: { readonly namespace: NamespaceFacts; readonly pod: ObservedPod | undefined },
  instance: string,
  since: Instant,
): string | undefined {
  const { namespace, pod } = place;
  const isNew = namespace.createdAt > since && !namespace.terminating;
  if (namespace.instance === undefined && namespace.category === 'lab' && isNew) {
    return `somebody else made the namespace ${namespace.name}`;
  }
  if (namespace.instance === instance && pod && pod.operation === undefined && pod.createdAt > since) {
    return `somebody else made the pod ${pod.name} in our namespace ${namespace.name}`;
  }
  return undefined;
}
