import type { Container, Pod } from '../types.js';

export type Failure =
  | 'imageMissing'
  | 'pullDenied'
  | 'registryUnreachable'
  | 'diskFull'
  | 'createContainerConfigError'
  | 'failedMount'
  | 'crash'
  | 'oom'
  | 'neverReady'
  | 'evicted'
  | 'hang';

/** What happens to a container. Spans are milliseconds of cluster time: the fleet's `timeScale` shortens them. */
export interface ContainerScript {
  /** Size of the image; default 250 MB. */
  sizeBytes?: number;
  /** Pull speed; absent means that pulls take no time. */
  pullBytesPerSecond?: number;
  /** From *created* to *started*. */
  startMs?: number;
  /** From *started* until a scripted readiness probe succeeds; without a probe a container is ready at once. */
  readyMs?: number;
  /** The container ends by itself after this span; absent means never (init containers and /bin/true: at once). */
  runMs?: number;
  /** Exit code at the end of `runMs` or of a crash; default 0, for a crash 1. */
  exitCode?: number;
  /** The last lines of its log; shown as termination message where the pod's policy says so. */
  lastWords?: string;
  /** How long it takes to obey SIGTERM; longer than the grace means that it is killed. */
  stopMs?: number;
  failure?: Failure;
  /** The failure happens this many times and then heals; absent means for ever. */
  failTimes?: number;
  /**
   * Really run it as a child process of this machine. It listens on `PORT`, and finds the Secrets and ConfigMaps that it
   * mounts below `ROOT`.
   */
  process?: { command: string; args?: string[] };
}

/** Scripts by image: the whole reference, its repository with or without the registry, or `*` for all the rest. */
export type ImageScripts = Record<string, ContainerScript>;

interface PodScript extends ContainerScript {
  /** By container name; these win over everything. */
  containers?: Record<string, ContainerScript>;
}

export const scriptAnnotation = 'simulator.berth.dev/script';
export const urlAnnotation = 'simulator.berth.dev/url';

/** The repository of an image reference, without tag and digest. */
export function repositoryOf(image: string): string {
  const name = image.split('@')[0] ?? image;
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

/**
 * The script of one container: that of its image, overridden by the pod's annotation. An annotation's top level speaks
 * of the pod's own containers, not of init containers; `containers` in it names any.
 */
export function scriptFor(scripts: ImageScripts, pod: Pod, container: Container): ContainerScript {
  const { image, name } = container;
  const repository = repositoryOf(image);
  const byImage = scripts[image] ?? scripts[repository] ?? scripts[withoutHost(repository)] ?? scripts['*'];
  const { containers = {}, ...all } = annotated(pod);
  const isInit = pod.spec.initContainers?.some((each) => each.name === name) ?? false;
  const fallback = endsAtOnce(container, isInit) ? { runMs: 0 } : {};
  return { ...fallback, ...byImage, ...(isInit ? {} : all), ...containers[name] };
}

const endsAtOnce = ({ command, restartPolicy }: Container, isInit: boolean): boolean =>
  (isInit && restartPolicy !== 'Always') || command?.[0] === '/bin/true';

function withoutHost(repository: string): string {
  const [first = '', ...rest] = repository.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? rest.join('/') : repository;
}

function annotated(pod: Pod): PodScript {
  const text = pod.metadata.annotations?.[scriptAnnotation];
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as PodScript;
  } catch {
    return {};
  }
}
