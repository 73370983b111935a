import type { FaultProxy } from '../../../simulator/faults/index.js';
import type { SeenRequest } from '../../support/call-faults.js';

type Rule = Parameters<FaultProxy['add']>[0];

const isAbout =
  (resource: string, selector = '') =>
  (seen: SeenRequest): boolean =>
    seen.resource === resource && decodeURIComponent(seen.path.replaceAll('+', ' ')).includes(selector);

/** Each informer of a process, and the watch of pod events, told by what they ask for. */
export const WATCHES = {
  labs: isAbout('labs', 'state!=stopped'),
  'stopped labs': isAbout('labs', 'state=stopped'),
  requests: isAbout('secrets', 'lab-request'),
  namespaces: isAbout('namespaces'),
  pods: isAbout('pods'),
  nodes: isAbout('nodes'),
  'pod events': isAbout('events'),
} as const;

export type WatchName = keyof typeof WATCHES;

/** Those that the prepuller lives on. */
export const PREPULL_WATCHES = {
  nodes: isAbout('nodes'),
  'prepull pods': isAbout('pods', 'prepuller'),
  'node images': isAbout('nodeimages'),
} as const;

/** Those that file servers live on. */
export const FILE_WATCHES = {
  records: isAbout('fileservers'),
  jobs: isAbout('jobs'),
  services: isAbout('services', 'fileserver'),
  'pods of servers': isAbout('pods', 'fileserver'),
  ingresses: isAbout('ingresses'),
  'what Gafaelfawr makes them of': isAbout('gafaelfawringresses'),
} as const;

interface Target {
  readonly where: (seen: SeenRequest) => boolean;
  /** The version that the latest of these watches began with. */
  readonly version: () => string;
  /** No list came since the first: what has expired stays expired. */
  readonly isOld: () => boolean;
}

const line = (type: string, object: object): Buffer => Buffer.from(`${JSON.stringify({ type, object })}\n`);

const opening =
  (...lines: readonly Buffer[]) =>
  (said: Buffer | undefined): readonly Buffer[] =>
    said ? [said] : lines;

const status = (code: number, reason: string): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'a fault',
  reason,
  code,
});

const huge = (version: string): Buffer =>
  line('ADDED', {
    apiVersion: 'v1',
    kind: 'Any',
    metadata: { name: 'huge', namespace: 'elsewhere', uid: 'huge-uid', resourceVersion: version },
    spec: { containers: [], text: 'x'.repeat(8 * 1024 * 1024) },
    status: {},
  });

/** What may happen to a watch, by name: the rules that do it. */
export const WATCH_FAULTS = {
  'clean end': ({ where }) => [{ match: { where, times: 3 }, action: { do: 'finish', after: 1 } }],
  reset: ({ where }) => [
    { match: { where, times: 3 }, action: { do: 'cut', after: 1, how: 'reset', torn: true } },
  ],
  'half-open before the headers': ({ where }) => [
    { match: { where, times: 1 }, action: { do: 'hang', at: 'before' } },
  ],
  'half-open after the headers': ({ where }) => [
    { match: { where, times: 1 }, action: { do: 'freeze', after: 0 } },
  ],
  'ERROR 410': ({ where, isOld }) => [
    { match: { where: (seen) => where(seen) && isOld() }, action: { do: 'expire', after: 0 } },
  ],
  'ERROR 500': ({ where }) => [
    rewriting(where, 2, opening(line('ERROR', status(500, 'InternalError')))),
    { match: { where, times: 2 }, action: { do: 'finish', after: 0 } },
  ],
  'bookmark only': ({ where, version }) => [
    rewriting(where, 3, (said) =>
      said ? [said] : [line('BOOKMARK', { kind: 'Any', metadata: { resourceVersion: version() } })],
    ),
    { match: { where, times: 3 }, action: { do: 'finish', after: 0 } },
  ],
  duplicates: ({ where }) => [rewriting(where, Infinity, (said) => (said ? [said, said] : []))],
  'out of order after a relist': ({ where }) => outOfOrder(where),
  'expired version': ({ where, isOld }) => [
    {
      match: { where: (seen) => where(seen) && isOld() },
      action: { do: 'answer', status: 410, reason: 'Expired', message: 'too old resource version: 1 (2)' },
    },
  ],
  'huge object': ({ where, version }) => [rewriting(where, 1, (said) => (said ? [said] : [huge(version())]))],
  'garbage line': ({ where }) => [
    rewriting(where, 1, opening(Buffer.from('{"type":"ADDED","object":{"metadata"\n'))),
    rewriting(secondOf(where), 1, opening(Buffer.from('null\n[]\n{}\n'))),
  ],
  'slow drip': ({ where }) => [{ match: { where }, action: { do: 'drip', bytes: 256, ms: 2 } }],
  'two seconds of lag': ({ where }) => [{ match: { where }, action: { do: 'slow', ms: 200 } }],
} as const satisfies Record<string, (target: Target) => readonly Rule[]>;

export type WatchFault = keyof typeof WATCH_FAULTS;

function rewriting(
  where: Target['where'],
  times: number,
  to: (said: Buffer | undefined) => readonly Buffer[],
): Rule {
  return { match: { where, times }, action: { do: 'rewrite', line: to } };
}

/** Matches the second request on. */
function secondOf(where: Target['where']): Target['where'] {
  let count = 0;
  return (seen) => where(seen) && ++count > 1;
}

/** The first watch expires after two events; the one after the relist tells the same again, the last first. */
function outOfOrder(where: Target['where']): readonly Rule[] {
  const heard: Buffer[] = [];
  const record = (said: Buffer | undefined): readonly Buffer[] => {
    if (!said) return [];
    heard.push(said);
    return [said];
  };
  return [
    rewriting(where, 1, record),
    { match: { where, times: 1 }, action: { do: 'expire', after: 2 } },
    rewriting(secondOf(where), 1, (said) => (said ? [said] : heard.slice().reverse())),
  ];
}

/** The first watch of an informer begins with its list. */
const isStreamed = ({ path }: SeenRequest): boolean => path.includes('sendInitialEvents=true');

/** Has the server refuse lists in watches, so that informers list in pages; returns what means their later watches alone. */
export function listInPages(
  proxy: FaultProxy,
  isMeant: (seen: SeenRequest) => boolean,
): (seen: SeenRequest) => boolean {
  const refusal = { do: 'answer', status: 422, reason: 'Invalid', message: 'a fault' } as const;
  proxy.add({ match: { verb: 'watch', where: isStreamed }, action: refusal });
  return (seen) => isMeant(seen) && !isStreamed(seen);
}

/**
 * Puts a fault on the watches of one kind that will be opened.
 *
 * @param listers how many informers list before they watch it; none for pod events, which after a gap begin from what is new
 */
export function spoil(
  proxy: FaultProxy,
  isMeant: (seen: SeenRequest) => boolean,
  fault: WatchFault,
  listers = 1,
): void {
  let version = '0';
  let lists = 0;
  const where = (seen: SeenRequest): boolean => {
    if (seen.verb !== 'watch' || !isMeant(seen)) return false;
    version = new URL(seen.path, 'http://localhost').searchParams.get('resourceVersion') ?? version;
    if (listers === 0) lists += 1;
    return true;
  };
  const counting = (seen: SeenRequest): boolean => {
    if (seen.verb === 'list' && isMeant(seen) && listers > 0) lists += 1;
    return false;
  };
  proxy.add({ match: { where: counting }, action: { do: 'stale' } });
  const target = { where, version: () => version, isOld: () => lists <= Math.max(1, listers) };
  for (const rule of WATCH_FAULTS[fault](target)) proxy.add(rule);
}
