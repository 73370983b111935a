import type { V1ContainerImage, V1Node, V1ObjectMeta } from '@kubernetes/client-node';
import type { Plain } from '../common/plain.js';
import { bytes, instant } from '../common/units.js';
import type { Bytes, Instant } from '../common/units.js';
import { isDigest } from './image-reference.js';
import type { ImageNode, NodeImageList } from './image-node.js';

/** A Node object, whatever is missing in it. Never throws. */
export function imageNodeOf(node: V1Node): ImageNode {
  const { metadata, spec } = node;
  const { name = '', uid = '' }: Partial<Plain<V1ObjectMeta>> = metadata ?? {};
  return {
    name,
    uid,
    labels: metadata?.labels ?? {},
    taints: (spec?.taints ?? []).map(({ key, effect, value }) => ({ key, effect, value })),
    cordoned: spec?.unschedulable === true,
    ready: readiness(node)?.status === 'True',
    list: listOf(node),
  };
}

function listOf(node: V1Node): NodeImageList | undefined {
  const images = node.status?.images;
  if (!images) return undefined;
  const sizes = new Map<string, Bytes>();
  const names = new Map<string, readonly string[]>();
  for (const image of images) {
    const digests = digestsOf(image);
    const tagged = (image.names ?? []).filter((name) => !name.includes('@'));
    for (const digest of digests) {
      sizes.set(digest, bytes(image.sizeBytes ?? 0));
      if (tagged.length > 0) names.set(digest, tagged);
    }
  }
  return { length: images.length, reportedAt: heartbeatOf(node), sizes, names };
}

/** Registry and repository do not matter: equal digests are equal content (contract 4.8). */
function digestsOf({ names }: V1ContainerImage): ReadonlySet<string> {
  const digests = (names ?? []).flatMap((name) => name.split('@', 2)[1] ?? []);
  return new Set(digests.filter((digest) => isDigest(digest)));
}

/** The kubelet writes it together with the list. */
function heartbeatOf(node: V1Node): Instant | undefined {
  const time = Date.parse(String(readiness(node)?.lastHeartbeatTime));
  return Number.isNaN(time) ? undefined : instant(time);
}

const readiness = (node: V1Node) => node.status?.conditions?.find(({ type }) => type === 'Ready');
