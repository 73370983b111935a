import type { KubeObject } from '../kubernetes/index.js';

type Metadata = NonNullable<KubeObject['metadata']>;

/** Whether a pod is some lab's, whoever made it: no cache of ours holds any other. */
export const isLabPod = ({ metadata }: KubeObject): boolean =>
  metadata?.labels?.['nublado.lsst.io/category'] === 'lab';

/** More labels than this tell nobody more. */
const MOST_LABELS = 4;

/** What a pod says of whoever made it, for somebody who looks for them. */
export const whoseIs = ({ metadata }: KubeObject): string =>
  [ownerIn(metadata?.ownerReferences), labelsIn(metadata?.labels), ageIn(metadata?.creationTimestamp)]
    .filter((words) => words !== '')
    .join('; ');

function ownerIn(owners: Metadata['ownerReferences'] = []): string {
  const owner = owners.find(({ controller }) => controller) ?? owners[0];
  return owner ? `it belongs to ${owner.kind} ${owner.name}` : 'it names no owner';
}

function labelsIn(labels: Metadata['labels'] = {}): string {
  const some = Object.entries(labels).slice(0, MOST_LABELS);
  return some.length === 0
    ? 'no labels'
    : `labels ${some.map(([name, value]) => `${name}=${value}`).join(', ')}`;
}

const ageIn = (created: Metadata['creationTimestamp']): string =>
  created === undefined ? '' : `created ${new Date(created).toISOString()}`;
