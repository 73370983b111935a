import type { Telling } from '../lab.ledger.js';
import type { Addressee, Quantities } from '../lab.js';
import type { NodeState, Setback } from '../lab.observed.js';
import { API_REASONS } from './api.reasons.js';
import { CONTAINER_REASONS } from './container.reasons.js';
import { END_REASONS } from './end.reasons.js';
import { IMAGE_REASONS } from './image.reasons.js';
import type { Reason } from './reason.js';
import { SCHEDULING_REASONS } from './scheduling.reasons.js';
import type { Instant } from '../../common/units.js';
import { withoutSecrets } from '../../common/without-secrets.js';
import type { Failure } from '../../common/record.js';

/** Every reason why a lab waits or ends. `docs/reasons.md` is made of it. */
export const REASONS = {
  ...SCHEDULING_REASONS,
  ...IMAGE_REASONS,
  ...CONTAINER_REASONS,
  ...END_REASONS,
  ...API_REASONS,
};

export type ReasonCode = keyof typeof REASONS;

export const isReasonCode = (code: string): code is ReasonCode => Object.hasOwn(REASONS, code);

/**
 * Whether the end of the evidence says most: of last words, and where kubelets and runtimes wrap one error in another, so that
 * what went wrong comes after paths and digests.
 */
export const saysMostLast = (code: string): boolean => SAYS_MOST_LAST.has(code);
const SAYS_MOST_LAST: ReadonlySet<string> = new Set<ReasonCode>([
  'command_missing',
  'container_config_error',
  'crash_looping',
  'device_missing',
  'image_missing',
  'image_wrong_platform',
  'init_container_failed',
  'lab_crashed',
  'node_disk_full',
  'oom_killed',
  'pod_ended',
  'pod_network_failed',
  'post_start_hook_failed',
  'pull_denied',
  'pull_failed',
  'registry_throttled',
  'registry_unreachable',
  'registry_untrusted',
  'sandbox_failed',
  'volume_not_mounted',
  'volume_server_unreachable',
  'volume_source_missing',
]);

const reasonOf = (code: ReasonCode): Reason => REASONS[code];

/** Why a pod does not get to run, and whether waiting can still help. */
export interface Cause {
  readonly certain: boolean;
  /** When it is certain if it still stands then; absent if time alone makes nothing certain. */
  readonly certainAt?: Instant;
  readonly telling: Telling;
}

/** What is known besides the pod. */
export interface Surroundings {
  /** What the scheduler must find room for. */
  readonly requests?: Quantities | undefined;
  /** The most of each resource that an empty node has, be it of different nodes. */
  readonly largestNode?: Quantities | undefined;
  /** Whether the node of the pod reports. */
  readonly node?: NodeState | undefined;
  /** What befell each container last, by {@link placeOf}. */
  readonly setbacks?: ReadonlyMap<string, Setback>;
}

/** One name for one container of one pod. */
export const placeOf = (podUid: string, container: string): string => `${podUid}/${container}`;

/** As much of somebody's words as is kept. */
const LONGEST = 300;

interface Words {
  /** Whoever saw it, in their own words: a kubelet, the scheduler, the container itself. */
  readonly words?: string;
  readonly certain?: boolean;
}

/** A cause of the catalogue, in a plain sentence. */
export function cause(code: ReasonCode, message: string, { words = '', certain = false }: Words): Cause {
  const { remedy, who } = reasonOf(code);
  const clean = withoutSecrets(words).replace(/\s+/g, ' ').trim();
  const last = saysMostLast(code);
  const evidence = last ? clean.slice(-LONGEST) : clean.slice(0, LONGEST);
  const severity = certain ? 'error' : 'warning';
  const telling = { reason: code, message, severity, remedy, who } as const;
  const told = evidence === '' ? telling : { ...telling, evidence, ...(last && { lastWords: true }) };
  return { certain, telling: told };
}

/** A cause that ends whatever it befalls, as a telling. */
export const fatal = (code: ReasonCode, message: string, words = ''): Telling =>
  cause(code, message, { words, certain: true }).telling;

const CORRECT_IMAGE =
  'Correct the image of this container where it is configured; it is not the image that the user chose';
const NOT_CHOSEN: Partial<Record<ReasonCode, string>> = {
  command_missing: CORRECT_IMAGE,
  image_invalid: CORRECT_IMAGE,
  image_missing: CORRECT_IMAGE,
  image_not_verified: CORRECT_IMAGE,
  image_wrong_platform: CORRECT_IMAGE,
  oom_killed: 'Give this container more memory, or choose a larger size',
  root_refused: CORRECT_IMAGE,
};

/** The same of an init container, or of one that the cluster added: what helps there is in nobody's hands but an operator's. */
export function ofUnchosen(telling: Telling): Telling {
  const remedy = isReasonCode(telling.reason) ? NOT_CHOSEN[telling.reason] : undefined;
  return remedy === undefined ? telling : { ...telling, remedy, who: 'operator' };
}

/** Whom an end is for, of which no more was kept than what helps: that may be another reason's, as where a spawn's time is over. */
export function addresseeOf(end: string, remedy: string | undefined): Addressee | null {
  const own = isReasonCode(end) ? reasonOf(end) : undefined;
  if (remedy !== undefined && Object.values(NOT_CHOSEN).includes(remedy)) return 'operator';
  const helps = own?.remedy === remedy ? own : Object.values(REASONS).find((one) => one.remedy === remedy);
  return (helps ?? own)?.who ?? null;
}

/** What went wrong, as the record keeps it: with its evidence. */
export const failureOf = (telling: Telling): Omit<Failure, 'at'> => ({
  reason: telling.reason,
  cause: telling.evidence === undefined ? telling.message : `${telling.message} (${telling.evidence})`,
  remedy: telling.remedy ?? null,
  who: telling.who ?? null,
});
