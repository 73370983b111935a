import type { LabWish } from './lab.js';

/** `active` from acceptance on; `stopped` is the last write of a stop. */
export const STATE_LABEL = 'berth.dev/state';
export const STOPPED = 'stopped';
/** The owner's number, so that a stopped record is judged from its metadata alone. */
export const UID_LABEL = 'berth.dev/uid';
/** There from creation: deleting a Lab means stop, then forget. */
export const LAB_FINALIZER = 'berth.dev/lab';

/** False for a record that is let go of already: what keeps it is somebody else's. */
export const isOursToForget = ({ finalizers }: { readonly finalizers: readonly string[] }): boolean =>
  finalizers.includes(LAB_FINALIZER);

export const labelsOf = (wish: LabWish): Readonly<Record<string, string>> => ({
  [STATE_LABEL]: 'active',
  [UID_LABEL]: String(wish.owner.uid),
});
