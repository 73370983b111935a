import type { Instant } from '../../common/units.js';
import type { ObservedContainer, ObservedPod, Setback } from '../lab.observed.js';
import { placeOf } from './cause.js';
import { unmade } from './container.policy.js';
import { BACKED_OFF, UNEXPLAINED, failedPull } from './pull.policy.js';

/** The containers that we look at, in the order in which they start. */
export const containersOf = (pod: ObservedPod): readonly ObservedContainer[] =>
  pod.notebook ? [...pod.inits, pod.notebook] : pod.inits;

/** What befell containers and can only be known by looking twice. May be lost at any time: it is counted anew then. */
export class Setbacks {
  private readonly last = new Map<string, Setback>();
  private readonly early = new Set<string>();
  private readonly counts = new Map<string, number>();
  /** Since when each container has not got anywhere, by what it met: two problems may take turns in what a kubelet says. */
  private readonly sights = new Map<string, Map<string, Instant>>();

  /** The last of each container, by `placeOf`. */
  get all(): ReadonlyMap<string, Setback> {
    return this.last;
  }

  /** Takes note of how a pod is now. */
  see(pod: ObservedPod, now: Instant): void {
    for (const container of containersOf(pod)) this.look(placeOf(pod.uid, container.name), container, now);
  }

  /** A kubelet gives up getting an image for now: because of the failure seen last, or of the first if none is seen yet. */
  backOff(podUid: string, container: string): void {
    const place = placeOf(podUid, container);
    const last = this.last.get(place);
    if (last) this.last.set(place, { ...last, backedOff: true });
    else this.early.add(place);
  }

  private look(place: string, container: ObservedContainer, now: Instant): void {
    const code = failedPull(container) ?? unmade(container);
    if (container.reason === BACKED_OFF) {
      this.hear(place, code, now);
      this.pass(place);
    } else if (code === undefined) this.pass(place);
    else this.note(place, code, now);
  }

  /** A back-off is no failure of its own, unless nobody here saw the one before it; older kubelets do not say why. */
  private hear(place: string, code: string | undefined, now: Instant): void {
    if (this.last.has(place)) return;
    if (code === undefined || code === UNEXPLAINED) this.early.add(place);
    else this.note(place, code, now);
  }

  private pass(place: string): void {
    const last = this.last.get(place);
    if (last?.stands) this.last.set(place, { ...last, stands: false });
    this.sights.delete(place);
  }

  private note(place: string, code: string, now: Instant): void {
    const last = this.last.get(place);
    if (last?.stands && last.code === code) return;
    const sights = this.sights.get(place) ?? new Map<string, Instant>();
    const since = sights.get(code) ?? now;
    this.sights.set(place, sights.set(code, since));
    const times = (this.counts.get(`${place}/${code}`) ?? 0) + 1;
    this.counts.set(`${place}/${code}`, times);
    const backedOff = last ? last.backedOff && last.code === code : this.early.has(place);
    this.last.set(place, { code, since, stands: true, times, backedOff });
  }
}
