import type { PullFailureReason } from './prepull.js';

/**
 * What kubelets and their runtimes say about images, the more telling first: a denied pull also says that the image may
 * not exist, and a full disk breaks a pull with whatever was under way.
 */
const WORDS: readonly (readonly [PullFailureReason, RegExp])[] = [
  ['disk_full', /no space left on device|disk quota exceeded|ephemeral-storage|DiskPressure/i],
  ['rate_limited', /toomanyrequests|too many requests|\b429\b|rate limit/i],
  [
    'pull_denied',
    /unauthorized|authentication required|authorization failed|access denied|\bdenied\b|forbidden|no basic auth|\b40[13]\b/i,
  ],
  ['image_invalid', /invalid reference format|couldn't parse image|InvalidImageName/i],
  [
    'registry_unreachable',
    /no such host|server misbehaving|connection refused|connection reset|no route to host|network is unreachable|i\/o timeout|deadline exceeded|TLS handshake|x509|tls: |unexpected EOF|\bEOF$|\b50[0234]\b|registry is (not available|unavailable)|proxyconnect/i,
  ],
  [
    'image_missing',
    /not found|manifest unknown|no such image|does not exist|name unknown|no match for platform/i,
  ],
];

/** Why a container does not get its image, from the reason and the words of its waiting state. */
export function pullFailureOf(reason: string, message: string): PullFailureReason {
  if (reason === 'InvalidImageName') return 'image_invalid';
  if (reason === 'RegistryUnavailable') return 'registry_unreachable';
  return WORDS.find(([, words]) => words.test(message))?.[0] ?? 'pull_failed';
}

/** Why a pod failed as a whole, without its container ever having had its image. */
export function podFailureOf(reason: string, message: string): PullFailureReason {
  if (/^(OutOf|UnexpectedAdmissionError|Node(Affinity|Ports)|Topology)/.test(reason)) return 'node_full';
  // A node under disk pressure evicts the pod, or refuses it, with a sentence of its own.
  return pullFailureOf(reason, `${message} ${reason}`);
}

/** Reasons that speak of the node or of the registry: the next image would meet the same. */
const SHARED: ReadonlySet<PullFailureReason> = new Set([
  'disk_full',
  'node_full',
  'pod_refused',
  'rate_limited',
  'registry_unreachable',
]);

export const isShared = (reason: PullFailureReason): boolean => SHARED.has(reason);
