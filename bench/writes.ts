const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

export type Counts = Readonly<Record<string, number>>;

/** Writes that `who` made for labs: neither the lease nor questions about rights. */
export function writesOf(who: 'berth' | 'floor', counts: Counts): number {
  let sum = 0;
  for (const [key, count] of Object.entries(counts)) {
    const [asker, verb = '', resource = ''] = key.split(' ');
    const isForLabs = resource !== 'leases' && !resource.endsWith('reviews');
    if (asker === who && WRITES.has(verb) && isForLabs) sum += count;
  }
  return sum;
}

/** Everything that `who` asked: watches, the lease and questions about rights as well. */
export const requestsOf = (who: 'berth' | 'floor', counts: Counts): number =>
  Object.entries(counts).reduce((sum, [key, count]) => (key.startsWith(`${who} `) ? sum + count : sum), 0);

/** Requests of the controller by verb, without watches, which are never one lab's, and the lease. */
export function byVerb(counts: Counts): ReadonlyMap<string, number> {
  const verbs = new Map<string, number>();
  for (const [key, count] of Object.entries(counts)) {
    const [who, verb = '', resource = ''] = key.split(' ');
    if (who !== 'berth' || verb === 'watch' || resource === 'leases') continue;
    verbs.set(verb, (verbs.get(verb) ?? 0) + count);
  }
  return verbs;
}
