import type { Millis } from '../../common/units.js';
import type { Telling } from '../lab.ledger.js';
import type { ObservedContainer, Setback } from '../lab.observed.js';
import { cause } from './cause.js';
import type { Cause, ReasonCode } from './cause.js';

export const BACKED_OFF = 'ImagePullBackOff';
/** States of a kubelet that could not get an image (`k8s.io/kubernetes/pkg/kubelet/images`). */
const PULL_FAILED: ReadonlySet<string> = new Set([
  'ErrImagePull',
  BACKED_OFF,
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'ImageInspectError',
  'SignatureValidationFailed',
]);
/** One refusal may be the registry's hiccup, or credentials that are being renewed. */
const DENIALS = 2;

interface Finding {
  readonly code: ReasonCode;
  readonly says: RegExp;
  readonly sentence: (image: string) => string;
  /** How many failed pulls make it certain; never, if absent. The first is certain only once it is backed off. */
  readonly certainAfter?: number;
}

/** What nothing more is known of. */
export const UNEXPLAINED = 'pull_failed' satisfies ReasonCode;

const failed = (image: string): string => `Pulling ${image} failed`;

/** A status of HTTP among other words; tags are numbers too: `lab:1.403`, `reading manifest 403 in`, `[manifests 403]`. */
const status = (codes: string): string => String.raw`(?<=[\s(=])(?<!manifests? )(?:${codes})\b(?![.\w-])`;
const anyOf = (...words: readonly string[]): RegExp => new RegExp(words.join('|'), 'i');

/** In this order: registries wrap one answer in another. */
const FINDINGS: readonly Finding[] = [
  {
    // The node's own: its runtime is started anew, or lacks the program that knows credentials.
    code: 'pull_failed',
    says: /dial unix|error getting credentials/i,
    sentence: failed,
  },
  {
    code: 'node_disk_full',
    says: /no space left on device|disk quota exceeded/i,
    sentence: (image) => `The node has no room left for ${image}`,
  },
  {
    code: 'registry_untrusted',
    says: /x509|certificate|tls: /i,
    sentence: (image) => `The node does not trust the registry of ${image}`,
  },
  {
    code: 'registry_throttled',
    says: anyOf('toomanyrequests|too many requests|rate limit', status('429')),
    sentence: (image) => `The registry of ${image} has had too many requests`,
  },
  {
    code: 'registry_unreachable',
    says: anyOf(
      'no such host|name resolution|server misbehaving|no route to host|network is unreachable',
      'connection refused|connection reset|connection timed out|i/o timeout|deadline exceeded|TLS handshake timeout',
      String.raw`unexpected EOF|: EOF|Client\.Timeout`,
      status('50[0234]'),
    ),
    sentence: (image) => `The registry of ${image} cannot be reached`,
  },
  {
    code: 'image_wrong_platform',
    says: /no match for platform|does not match the specified platform|no matching manifest|no image found in (?:image index|manifest list)/i,
    sentence: (image) => `There is no ${image} for this kind of node`,
    certainAfter: 1,
  },
  {
    // The registry gave everything, and the node's own store says `not found` or `permission denied`.
    code: 'pull_failed',
    says: /content digest|parent snapshot|failed to extract layer|failed to prepare extraction snapshot|failed to unpack image/i,
    sentence: failed,
  },
  {
    code: 'pull_denied',
    says: anyOf(
      'unauthorized|authentication required|denied|forbidden|no basic auth|insufficient_scope|authorization failed',
      'failed to authorize|failed to fetch (?:anonymous|oauth) token',
      status('40[13]'),
    ),
    sentence: (image) => `The registry refuses to give ${image}`,
    certainAfter: DENIALS,
  },
  {
    code: 'image_missing',
    says: /not found|manifest unknown|no such image|does not exist|name unknown|was deleted or has expired/i,
    sentence: (image) => `The image ${image} does not exist`,
    certainAfter: 1,
  },
];

/** What a kubelet's words about a pull that failed come to. */
export function pullProblem(image: string, words: string): { code: ReasonCode; message: string } {
  const found = findingIn(words);
  return found
    ? { code: found.code, message: found.sentence(image) }
    : { code: UNEXPLAINED, message: failed(image) };
}

const findingIn = (words: string): Finding | undefined => FINDINGS.find(({ says }) => says.test(words));

/** What the last pull for a container came to, if it failed; `ErrImagePull` says so first. */
export const failedPull = ({ state, reason, image, message }: ObservedContainer): ReasonCode | undefined =>
  state === 'waiting' && (reason === 'ErrImagePull' || reason === BACKED_OFF)
    ? pullProblem(image, message).code
    : undefined;

/** Why a container's image is not there; undefined if that is not what it waits for. */
export function pull(container: ObservedContainer, setback: Setback | undefined): Cause | undefined {
  const { state, reason, message: words, image } = container;
  if (state !== 'waiting') return undefined;
  if (reason === 'InvalidImageName')
    return cause('image_invalid', `${image} is no valid image reference`, { words, certain: true });
  if (!PULL_FAILED.has(reason)) return undefined;
  const special = ofState(reason, image, words);
  if (special) return special;
  const { code, message } = pullProblem(image, words);
  const known = setback?.code === code ? setback : undefined;
  return cause(code, message, { words, certain: isCertain(container, known) });
}

/** A first failure shows as ErrImagePull; one that is backed off has been judged by the kubelet too. */
function isCertain({ reason, message }: ObservedContainer, known: Setback | undefined): boolean {
  const enough = findingIn(message)?.certainAfter;
  const isJudged = reason === BACKED_OFF || known?.backedOff === true;
  return enough !== undefined && isJudged && (known?.times ?? 1) >= enough;
}

function ofState(reason: string, image: string, words: string): Cause | undefined {
  if (reason === 'ErrImageNeverPull') {
    const message = `${image} is not on the node, and may not be pulled`;
    return cause('pull_forbidden_here', message, { words, certain: true });
  }
  if (reason === 'SignatureValidationFailed') {
    const message = `${image} lacks the signature that the node demands`;
    return cause('image_not_verified', message, { words, certain: true });
  }
  if (reason === 'ImageInspectError')
    return cause('pull_failed', `The node cannot tell whether it has ${image}`, { words });
  if (reason === 'RegistryUnavailable')
    return cause('registry_unreachable', `The registry of ${image} cannot be reached`, { words });
  return undefined;
}

/** Patience, with a word: a pull that has gone on for at least so long. */
export function slowPull(span: Millis): Telling {
  const minutes = span / 60_000;
  const message = `The node has been pulling the image for more than ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`;
  return { ...cause('pull_slow', message, {}).telling, severity: 'info' };
}
