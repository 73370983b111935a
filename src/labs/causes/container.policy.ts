import { later, seconds } from '../../common/units.js';
import type { Instant, Millis } from '../../common/units.js';
import type { Telling } from '../lab.ledger.js';
import type { ObservedContainer, ObservedPod, Setback } from '../lab.observed.js';
import { cause } from './cause.js';
import type { Cause, ReasonCode } from './cause.js';

/** The third restart is a loop (design section 5). */
export const LOOP = 3;
export const OOM = 'OOMKilled';
/** What is said of a container that was running when its node, or only the runtime, went down. */
export const LOST: ReadonlySet<string> = new Set(['Unknown', 'ContainerStatusUnknown']);
/** What a kubelet says once may be a mistake of the moment. */
const CONFIG_PATIENCE = seconds(10);
/** What somebody else makes may come late, and a kubelet looks for it only every quarter of a minute. */
const COMING_PATIENCE = seconds(60);
const PATIENCE: Partial<Record<ReasonCode, Millis>> = {
  config_missing: COMING_PATIENCE,
  container_config_error: COMING_PATIENCE,
  // Kubelets remove images and dead containers until there is room.
  node_disk_full: seconds(Infinity),
};
/** What a runtime, or the API server, is slow with is mostly done in the end, however long a node is under load. */
const SLOW = /deadline exceeded|timed out|is reserved for/i;
const CONFIG_FAILED: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
]);

/** How a container ends that was made and could not be started. */
const NEVER_RAN: ReadonlySet<string> = new Set(['StartError', 'ContainerCannotRun']);

type Finding = readonly [RegExp, ReasonCode, (name: string) => string];

const unstartable = (name: string): string => `Container ${name} cannot be started`;

/** In the words of runc and of crun: `Exec format error` alone may be Python's, about some other program. */
const FOREIGN: Finding = [
  /exec format error|exec container process .*Exec format error/,
  'image_wrong_platform',
  (name) => `The image of container ${name} is for another kind of processor`,
];

/** What runtimes say (containerd, CRI-O, runc, crun). In this order: a command is blamed last, as devices and mounts lack files too. */
const CONFIG: readonly Finding[] = [
  [
    /no space left on device|disk quota exceeded/i,
    'node_disk_full',
    (name) => `The node has no room left for container ${name}`,
  ],
  [
    /(?:configmap|secret) "[^"]*" not found|find key|references non-existent/i,
    'config_missing',
    (name) => `Container ${name} needs a ConfigMap or Secret that does not exist`,
  ],
  [
    /runAsNonRoot|non-numeric user|will run as root/i,
    'root_refused',
    (name) => `The image of container ${name} would run as root, which is not allowed`,
  ],
  [
    /nvidia-container|libnvidia|nvidia\.com\/|\bcdi\b|prestart hook|device plugin|(?:device "|stat )\/dev\//i,
    'device_missing',
    (name) => `The node cannot give container ${name} a device that it needs`,
  ],
  [
    /error mounting|to rootfs at|chdir to cwd|cgroup|apparmor|seccomp|OCI runtime error|failed to start shim/i,
    'container_config_error',
    unstartable,
  ],
  [/OOM-killed/, 'oom_killed', (name) => `Container ${name} needs more memory than it may use`],
  FOREIGN,
  [
    /\bexecutable\b|\bexec\b.*(?:not found|no such file or directory|permission denied)|no command specified/i,
    'command_missing',
    (name) => `The image of container ${name} lacks the command that starts it`,
  ],
];
const UNKNOWN: Finding = [/^/, 'container_config_error', unstartable];

const findingIn = (words: string): Finding => CONFIG.find(([pattern]) => pattern.test(words)) ?? UNKNOWN;

/** What keeps a container from being made; a back-off from starting it is no recovery. */
export function unmade({ state, reason, message, lastEnd }: ObservedContainer): ReasonCode | undefined {
  if (state === 'running') return undefined;
  if (state === 'waiting' && CONFIG_FAILED.has(reason)) return findingIn(message)[1];
  const end = state === 'terminated' ? { reason, message } : lastEnd;
  return end && NEVER_RAN.has(end.reason) ? findingIn(end.message)[1] : undefined;
}

/** Why a container can't be made. Not certain at its first sight, however late that comes: most of it passes. */
export function configuration(
  container: ObservedContainer,
  setback: Setback | undefined,
  now: Instant,
): Cause | undefined {
  const { state, reason, name, message: words } = container;
  if (state !== 'waiting') return undefined;
  if (reason === 'PostStartHookError')
    return cause('post_start_hook_failed', `The start hook of container ${name} failed`, { words });
  if (!CONFIG_FAILED.has(reason)) return undefined;
  const [, code, sentence] = findingIn(words);
  const since = setback?.code === code ? setback.since : now;
  const certainAt = later(since, SLOW.test(words) ? seconds(Infinity) : (PATIENCE[code] ?? CONFIG_PATIENCE));
  return { ...cause(code, sentence(name), { words, certain: now >= certainAt }), certainAt };
}

interface Breakdown {
  readonly reason: string;
  readonly message: string;
  readonly exitCode: number;
}

/** How the container broke last, unless it has got over it; a sidecar that runs has, however often it had to wait for others. */
function breakdown(container: ObservedContainer, isNotebook: boolean): Breakdown | undefined {
  const { state, reason, message, exitCode = 0, lastEnd, restarts } = container;
  if (state === 'running' && (restarts < LOOP || !isNotebook)) return undefined;
  const end = state === 'terminated' ? { reason, message, exitCode } : lastEnd;
  return end && (end.exitCode !== 0 || end.reason === OOM) ? end : undefined;
}

/** Why a container ended before any program in it ran; only a binary of another processor is told by its last words. */
function neverRan({ reason, message }: Breakdown): Finding | undefined {
  if (NEVER_RAN.has(reason)) return findingIn(message);
  return FOREIGN[0].test(message) ? FOREIGN : undefined;
}

/** How a container crashed while the lab started; certain once it is a loop. */
export function crash(container: ObservedContainer, pod: ObservedPod): Cause | undefined {
  const end = breakdown(container, container === pod.notebook);
  if (!end) return undefined;
  if (LOST.has(end.reason))
    return cause('node_restarted', 'The node was started anew while the lab started', { words: end.message });
  const certain = container.restarts >= LOOP;
  const words = end.message === '' ? `exit code ${end.exitCode}` : end.message;
  const told = { words, certain };
  if (end.reason === OOM)
    return cause('oom_killed', `Container ${container.name} used more memory than it may`, told);
  const found = neverRan(end);
  if (found) return cause(found[1], found[2](container.name), told);
  if (container !== pod.notebook) {
    const text = `Preparing the lab failed in ${container.name} (exit code ${end.exitCode})`;
    return cause('init_container_failed', text, told);
  }
  const text = `The lab crashed ${certain ? 'again and again' : 'while it started'} (exit code ${end.exitCode})`;
  return cause(certain ? 'crash_looping' : 'lab_crashed', text, told);
}

/** Comes before everything else that is told of a spawn. */
export const isForTheBeginning = ({ reason }: Telling): boolean => reason === 'home_fleeting';

/** Said to whoever starts a lab, so that nobody finds out afterwards. */
export const fleetingHome = (sentence: string): Telling => ({
  ...cause('home_fleeting', sentence, {}).telling,
  severity: 'info',
});
