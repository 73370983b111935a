import type { SeenRequest } from '../../support/call-faults.js';

const isInOurs = ({ namespace }: SeenRequest): boolean => namespace === 'berth';
const STOPS = /"path":"\/spec\/desiredState","value":"stopped"/;

/** What a request is to the lab: who waits for it, and what it does. */
export function classOf(seen: SeenRequest): string {
  const { verb, resource, subresource, body } = seen;
  if (resource === 'events') return 'announcement';
  if (verb === 'create' && resource !== 'labs') return isInOurs(seen) ? 'create request' : 'create object';
  if (verb === 'patch' && STOPS.test(body)) return 'stop record';
  return `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`;
}

/** The requests of one user, told by a name that nothing else contains. */
export const concerns =
  (user: string) =>
  ({ verb, resource, path, body }: SeenRequest): boolean =>
    verb !== 'watch' && resource !== 'leases' && (path.includes(user) || body.includes(user));
