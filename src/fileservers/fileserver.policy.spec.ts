import { describe, expect, it } from 'vitest';

import { instant, later, millis, seconds } from '../common/units.js';
import { decideOrphan } from './fileserver-orphans.policy.js';
import type { Orphan, OrphanTerms } from './fileserver-orphans.policy.js';
import { tellingOf } from './fileserver.causes.js';
import type { Decision } from './fileserver.decision.js';
import type { FileServer, ServerOperation } from './fileserver.js';
import type { ObservedPart, ObservedServer, ObservedServerPod } from './fileserver.observed.js';
import type { JobFacts, PartFacts } from './fileserver-observed.mapper.js';
import { decideServer } from './fileserver.policy.js';
import { RECORDS_KEPT } from './fileserver.stop.policy.js';

const NOW = instant(1_000_000_000);
const ID = 'abcdefghij';

function aServer(kind: ServerOperation['kind'], ended: 'succeeded' | null): FileServer {
  const operation = { id: ID, kind, acceptedAt: NOW } as const;
  return {
    name: 'rachel',
    uid: 'record',
    resourceVersion: '1',
    generation: 1,
    beingDeleted: false,
    finalizers: ['berth.dev/fileserver'],
    wish: {
      owner: { username: 'rachel', name: null, uid: 1101, gid: 1101, groups: [] },
      desiredState: kind === 'stop' ? 'stopped' : 'running',
      operation,
    },
    record: {
      phase: kind === 'stop' ? 'stopped' : 'running',
      operation: { id: ID, kind, last: 1, ended },
      ledger: [],
      conditions: [],
      failure: null,
    },
  };
}

const aPod = (parts: Partial<ObservedServerPod> = {}): ObservedServerPod => ({
  name: 'rachel-fs-x',
  uid: 'pod',
  createdAt: NOW,
  node: 'node-1',
  deletingUntil: undefined,
  ready: true,
  over: false,
  overReason: '',
  overMessage: '',
  unschedulable: undefined,
  container: { image: 'files', state: 'running', reason: '', message: '', exitCode: undefined },
  ...parts,
});

const part = (parts: Partial<ObservedPart> = {}): ObservedPart => ({
  uid: 'part',
  owner: 'mine',
  deleting: false,
  ...parts,
});

const seen = (server: FileServer, parts: Partial<ObservedServer> = {}): ObservedServer => ({
  server,
  job: { ...part(), finished: undefined, asks: false },
  service: part(),
  route: part(),
  derivedRoute: false,
  pod: aPod(),
  node: 'ready',
  reach: { open: true, why: '' },
  remembered: {
    claimsMade: true,
    keyMade: true,
    claimsCleared: true,
    keyCleared: true,
    refusal: undefined,
    details: [],
    deletions: new Set(),
    wroteAt: undefined,
    askAt: later(NOW, seconds(5)),
  },
  terms: { creationTimeout: seconds(120), hasClaims: false, hasKey: false },
  ...parts,
});

const words = (decision: Decision): string =>
  decision.kind === 'act'
    ? `${decision.step.do}: ${decision.reason}`
    : `${decision.kind}: ${decision.reason}`;
const ASKED = { creationTimeout: seconds(120), hasClaims: false, hasKey: true } as const;

describe('decideServer', () => {
  const running = aServer('start', 'succeeded');
  const adopting = { ...aServer('adopt', null), record: { ...running.record, operation: null } };
  const stopping = aServer('stop', null);
  const silent = { node: 'not_ready', pod: aPod({ deletingUntil: NOW }) } as const;
  const half = later(NOW, seconds(30));

  it.each<[string, ObservedServer, string, number?]>([
    ['rests where all is well', seen(running), 'settled: running'],
    [
      'stops one that asks nobody where no ingress guards it any more',
      seen(running, { terms: ASKED }),
      'begin_stop: unguarded',
    ],
    [
      'opens no way to one that asks nobody, though its route is gone',
      seen(running, { terms: ASKED, route: undefined }),
      'begin_stop: unguarded',
    ],
    [
      'makes the route of one that asks',
      seen(running, { terms: ASKED, route: undefined, job: { ...part(), finished: undefined, asks: true } }),
      'create_part: route_missing',
    ],
    ['leaves one on a silent node alone', seen(running, { node: 'not_ready' }), 'settled: running'],
    ['waits for a pod that a silent node should end', seen(running, silent), 'wait: pod_lost_soon'],
    ['gives it up half a minute after its grace', seen(running, silent), 'record: node_lost', half],
    [
      'leaves the pods of a node that is gone to the cluster',
      seen(running, { ...silent, node: 'gone' }),
      'settled: running',
      half,
    ],
    [
      'takes what is left of a record that was lost, with our mark',
      seen(adopting, { job: { ...part({ owner: 'remains' }), finished: undefined, asks: false } }),
      'mark_job: unmarked',
    ],
    [
      'adopts none that would be open to everybody',
      seen(adopting, {
        terms: ASKED,
        job: { ...part({ owner: 'nublado' }), finished: undefined, asks: false },
      }),
      'delete_part: job_in_the_way',
    ],
    [
      'lets a pod end in its grace',
      seen(stopping, { ...silent, ...gone() }),
      'wait: pod_going_on_silent_node',
    ],
    ['forces it off a silent node', seen(stopping, { ...silent, ...gone() }), 'force_pod: pod_forced', half],
    [
      'forces it off a node that is gone',
      seen(stopping, { ...silent, ...gone(), node: 'gone' }),
      'force_pod: pod_forced',
      half,
    ],
    [
      'does not force it off a node that answers',
      seen(stopping, { ...silent, ...gone(), node: 'ready' }),
      'wait: pod_going',
      half,
    ],
    ['keeps a record', seen(aServer('stop', 'succeeded'), nothing()), 'settled: stopped'],
    [
      'drops a record of which nobody has use',
      seen(aServer('stop', 'succeeded'), nothing()),
      'erase: record_old',
      later(NOW, RECORDS_KEPT),
    ],
  ])('%s', (_what, observed, expected, at = NOW) => {
    expect(words(decideServer(observed, instant(at)))).toBe(expected);
  });

  it('forces a pod away once, and looks again', () => {
    const remembered = { ...seen(stopping).remembered, deletions: new Set(['pod/forced']) };

    expect(words(decideServer(seen(stopping, { ...silent, ...gone(), remembered }), half))).toBe(
      'wait: pod_forced',
    );
  });
});

/** Only the Job is left, and going. */
function gone(): Partial<ObservedServer> {
  const job = { ...part({ deleting: true }), finished: undefined, asks: false };
  return { route: undefined, service: undefined, job };
}

function nothing(): Partial<ObservedServer> {
  return { route: undefined, service: undefined, job: undefined, pod: undefined, node: undefined };
}

describe('a warning about a server’s pod', () => {
  it.each([
    ['FailedMount', 'volume_not_mounted'],
    ['FailedAttachVolume', 'volume_not_mounted'],
    ['FailedCreatePodSandBox', 'network_not_ready'],
    ['BackOff', undefined],
  ])('%s means %s', (reason, meaning) => {
    expect(tellingOf({ reason, message: 'as it says' })?.reason).toBe(meaning);
  });
});

describe('decideOrphan', () => {
  const facts = (labels: Record<string, string> = {}): PartFacts => ({
    name: 'rachel-fs',
    uid: 'part',
    resourceVersion: '1',
    createdAt: NOW,
    deleting: false,
    labels: { 'nublado.lsst.io/category': 'fileserver', 'nublado.lsst.io/user': 'rachel', ...labels },
    derived: false,
  });
  const OURS = { 'berth.dev/instance': 'berth', 'berth.dev/owner': 'lost' };
  const orphan = (labels: Record<string, string>, parts: Partial<JobFacts> = {}): Orphan => {
    const identity = { uid: 1101, gid: 1101, groups: [] };
    const job: JobFacts = { ...facts(labels), finished: undefined, asks: false, identity, ...parts };
    return { name: 'rachel', parts: { route: undefined, service: undefined, job }, job, pod: aPod() };
  };
  const terms: OrphanTerms = {
    instance: 'berth',
    creationTimeout: millis(1000),
    hasKey: false,
    filed: undefined,
  };
  const LATER = later(NOW, seconds(2));

  it.each<[string, Orphan, Partial<OrphanTerms>, string]>([
    ['adopts a server of a Nublado controller', orphan({}), {}, 'adopt'],
    ['adopts one of ours whose record is lost', orphan(OURS), {}, 'adopt'],
    ['leaves one of another instance', orphan({ 'berth.dev/instance': 'other' }), {}, 'leave'],
    ['leaves one that shows a lost record’s key', orphan(OURS, { asks: true }), { hasKey: true }, 'leave'],
    ['leaves one that asks nobody where all must', orphan({}), { hasKey: true }, 'leave'],
    ['removes what a late write of ours made after the end', orphan(OURS), { filed: 'lost' }, 'remove'],
    ['removes one that is over', orphan({}, { finished: 'complete' }), {}, 'remove'],
    ['leaves what Gafaelfawr would make again', derived(), {}, 'leave'],
  ])('%s', (_what, found, parts, expected) => {
    expect(decideOrphan(found, { ...terms, ...parts }, LATER).kind).toBe(expected);
  });

  function derived(): Orphan {
    const route = { ...facts(), derived: true };
    return {
      name: 'rachel',
      parts: { route, service: undefined, job: undefined },
      job: undefined,
      pod: undefined,
    };
  }
});
