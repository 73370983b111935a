import { parseFieldSelector } from '../store/field-selector.js';
import { parseLabelSelector } from '../store/label-selector.js';
import type { Entry } from '../store/entry.js';
import type { Target } from './target.js';

export type EntryTest = (entry: Entry) => boolean;

/** The selectors of a request as one test; undefined when everything is chosen. */
export function selectorOf({ request, resource, path }: Target): EntryTest | undefined {
  const labels = parseLabelSelector(request.query.get('labelSelector') ?? '');
  const selector = request.query.get('fieldSelector') ?? '';
  const { selectable } = resource.strategy;
  const fields = parseFieldSelector(selector, selectable, resource.builtin && selectable.length === 0);
  const isOne = path.name !== '' ? path.name : undefined;
  if (!labels && !fields && isOne === undefined) return undefined;
  return (entry) =>
    (labels?.(entry.labels) ?? true) &&
    (fields?.(entry) ?? true) &&
    (isOne === undefined || entry.name === isOne);
}

/** What the selectors of a request choose, in order of namespace and name. */
export function selectEntries(target: Target): readonly Entry[] {
  const { cluster, resource, path } = target;
  const entries = cluster.store.table(resource.storage).list(path.namespace);
  const test = selectorOf(target);
  return test ? entries.filter(test) : entries;
}
