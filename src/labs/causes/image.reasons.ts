import { reasons } from './reason.js';

/** Getting the image onto the node. */
export const IMAGE_REASONS = reasons({
  image_missing: {
    meaning: 'The registry says that it has no such image.',
    remedy: 'Choose another image',
    who: 'user',
    fatal: 'when_certain',
  },
  image_invalid: {
    meaning: 'The name of the image is none that a registry could have.',
    remedy: 'Choose another image',
    who: 'user',
    fatal: 'when_certain',
  },
  image_wrong_platform: {
    meaning: 'The image exists, but not for the kind of processor that the node has.',
    remedy: 'Choose another image, or keep labs on nodes that the image was built for',
    who: 'operator',
    fatal: 'when_certain',
  },
  image_not_verified: {
    meaning: 'The node demands a signature that the image lacks.',
    remedy: 'Choose another image; an operator can have it signed',
    who: 'operator',
    fatal: 'when_certain',
  },
  pull_denied: {
    meaning: 'The registry refuses to give the image to the cluster.',
    remedy: 'Give the cluster access to the registry: lab.pullSecret names the credentials',
    who: 'operator',
    fatal: 'when_certain',
  },
  pull_forbidden_here: {
    meaning: 'The image is not on the node, and the pull policy forbids to fetch it.',
    remedy: 'Prepull the image, or let the policy of the cluster allow pulls',
    who: 'operator',
    fatal: 'when_certain',
  },
  registry_unreachable: {
    meaning: 'The node cannot reach the registry, or the registry is out of order.',
    remedy: 'The cluster tries again by itself; an operator should look at the registry and the network',
    who: 'operator',
    fatal: 'never',
  },
  registry_throttled: {
    meaning: 'The registry has had too many requests.',
    remedy: 'The cluster tries again by itself; a mirror or credentials raise the limit',
    who: 'operator',
    fatal: 'never',
  },
  registry_untrusted: {
    meaning: 'The node does not trust the certificate of the registry.',
    remedy: 'Install the certificate of the registry on the nodes, or renew it',
    who: 'operator',
    fatal: 'never',
  },
  node_disk_full: {
    meaning: 'The node has no room left for the image, or for a container of it.',
    remedy: 'Start the lab again to get another node; an operator should free or enlarge the disk',
    who: 'operator',
    fatal: 'when_certain',
  },
  pull_failed: {
    meaning: 'Pulling the image failed, for a reason that is passed on as it is.',
    remedy: 'The cluster tries again by itself',
    who: 'operator',
    fatal: 'never',
  },
  pull_slow: {
    meaning: 'The node has been pulling the image for a long time.',
    remedy: 'Wait: a large image takes long the first time on a node',
    who: 'user',
    fatal: 'never',
  },
});
