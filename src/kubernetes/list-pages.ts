import type { KubeRequest } from './call.js';
import { KubernetesError } from './kubernetes.error.js';
import type { KubeObject } from './resource.js';
import { tidy } from './tidy.js';
import type { KubeTransport } from './transport.js';
import { compareVersions } from './versions.js';

const PAGE = 500;
/** A list that expires this often while being read is asked for in one piece. */
const PAGED_TRIES = 3;

interface Page<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}

interface Receiver<T> {
  /** From the start: forget the items so far. */
  begin(): void;
  /** The version of the whole list; comes before its first item. */
  dated?(version: string): void;
  item(object: T): void;
}

/** Lists in pages and resolves with the version of the whole. Starts over when the pages expire under our hands. */
export async function listPages<T extends KubeObject>(
  transport: KubeTransport,
  request: KubeRequest,
  receiver: Receiver<T>,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listOnce(transport, request, {
        receiver,
        limit: attempt > PAGED_TRIES ? undefined : PAGE,
      });
    } catch (error) {
      const expired = error instanceof KubernetesError && error.status === 410 && attempt <= PAGED_TRIES;
      if (!expired) throw error;
    }
  }
}

/**
 * Whether the server is younger than `version`, at the price of one item: its etcd was restored from a backup. It opens a
 * watch from there all the same, and is silent on it until its versions have come so far.
 */
export async function isYounger(
  transport: KubeTransport,
  request: KubeRequest,
  version: string,
): Promise<boolean> {
  const query = { ...request.query, limit: 1 };
  const page = await transport.request<Page<KubeObject>>({ ...request, query });
  return compareVersions(versionOf(page), version) < 0;
}

async function listOnce<T extends KubeObject>(
  transport: KubeTransport,
  request: KubeRequest,
  { receiver, limit }: { receiver: Receiver<T>; limit: number | undefined },
): Promise<string> {
  receiver.begin();
  let next: string | undefined;
  let version: string;
  do {
    const query = { ...request.query, limit, continue: next };
    const page = await transport.request<Page<T>>({ ...request, query });
    if (next === undefined) receiver.dated?.(versionOf(page));
    for (const object of page.items ?? []) receiver.item(tidy(request.kind, object));
    next = continuation(page);
    version = versionOf(page);
  } while (next !== undefined);
  return version;
}

const versionOf = (page: Page<unknown>): string => page.metadata?.resourceVersion ?? '';

function continuation(page: Page<unknown>): string | undefined {
  const token = page.metadata?.continue;
  return token === '' ? undefined : token;
}
