import { describe, expect, it } from 'vitest';

import {
  ACCEPTED,
  SPAWN,
  aContainer,
  aLab,
  aNamespace,
  aPod,
  aRecord,
  aRequest,
  adoptWish,
  after,
  entry,
  observed,
  progress,
  remembered,
  stopWish,
} from '../../test/gen/observed.js';
import type { Decision, StatusRecord, Step } from './lab.decision.js';
import type { Lab, LabRecord } from './lab.js';
import type { NamespaceOwner, ObservedContainer, ObservedLab } from './lab.observed.js';
import { decideLab } from './lab.policy.js';

const OBJECTS: LabRecord = aRecord({
  operation: progress({ objectsCreated: true, last: 2 }),
  ledger: [
    entry(2, { reason: 'objects_created', message: 'Created Kubernetes objects for user lab', progress: 30 }),
  ],
});
const RUNNING: LabRecord = {
  ...OBJECTS,
  phase: 'running',
  operation: progress({ objectsCreated: true, ended: 'succeeded' }),
};
const FAILURE = { reason: 'image_missing', cause: 'gone', remedy: null, who: null, at: after(20) };
const FAILED: LabRecord = {
  ...OBJECTS,
  phase: 'failed',
  operation: progress({ ended: 'failed' }),
  failure: FAILURE,
};

const waiting = (changes: Partial<ObservedLab> = {}): ObservedLab =>
  observed({
    lab: aLab({ record: OBJECTS }),
    namespace: aNamespace(),
    pod: aPod(),
    requests: [],
    ...changes,
  });
const running = (changes: Partial<ObservedLab> = {}): ObservedLab =>
  waiting({
    lab: aLab({ record: RUNNING }),
    pod: aPod({ notebook: aContainer({ state: 'running' }) }),
    ...changes,
  });
/** A lab whose notebook broke after it had started; `told` restarts are on record, the last told of at `at`. */
function restartedLab(notebook: Partial<ObservedContainer>, told = 0, at?: number): ObservedLab {
  const operation = progress({ objectsCreated: true, ended: 'succeeded', restarts: told });
  const failure = at === undefined ? null : { ...FAILURE, at: after(at) };
  const lastEnd = { reason: 'Error', message: 'boom', exitCode: 7 };
  return running({
    lab: aLab({ record: { ...RUNNING, operation, failure } }),
    pod: aPod({ notebook: aContainer({ state: 'running', lastEnd, ...notebook }) }),
  });
}

const stopping = (changes: Partial<ObservedLab> = {}): ObservedLab =>
  observed({ lab: aLab({ wish: stopWish(), record: RUNNING }), requests: [], ...changes });

const stepOf = (decision: Decision): Step | undefined =>
  decision.kind === 'act' ? decision.step : undefined;
const recordOf = (decision: Decision): StatusRecord | undefined => {
  const step = stepOf(decision);
  return step?.do === 'record' ? step.record : undefined;
};

describe('a lab whose spawn has ended', () => {
  it.each<[string, ObservedLab, number, string]>([
    ['is left alone while it runs', running(), 1000, 'running'],
    ['is left alone on a silent node', running({ node: 'not_ready' }), 1000, 'running'],
    [
      'is recorded as ended when its pod is over',
      running({ pod: aPod({ over: true, notebook: aContainer({ state: 'terminated', exitCode: 0 }) }) }),
      9,
      'exited',
    ],
    [
      'takes the deletion for the cause when its notebook ends by it',
      running({
        pod: aPod({
          over: true,
          deletingUntil: after(40),
          notebook: aContainer({ state: 'terminated', exitCode: 0 }),
        }),
      }),
      9,
      'pod_deleting',
    ],
    ['is recorded as ended when its pod is gone', running({ pod: undefined }), 9, 'pod_gone'],
    [
      'is recorded as ended when its namespace is gone',
      running({ namespace: undefined, pod: undefined }),
      9,
      'namespace_gone',
    ],
    [
      'is recorded as ended when somebody else has its namespace',
      running({ namespace: aNamespace({ owner: 'foreign' }) }),
      9,
      'namespace_gone',
    ],
    [
      'waits for a pod that is being deleted',
      running({ pod: aPod({ deletingUntil: after(40) }), node: 'ready' }),
      900,
      'pod_deleting',
    ],
    [
      'waits for a silent node',
      running({ pod: aPod({ deletingUntil: after(40) }), node: 'not_ready' }),
      69,
      'pod_deleting_on_silent_node',
    ],
    [
      'forces a pod off a silent node in the end',
      running({ pod: aPod({ deletingUntil: after(40) }), node: 'gone' }),
      70,
      'pod_forced',
    ],
    [
      'is stopped after it ended by itself',
      running({ lab: aLab({ record: { ...RUNNING, phase: 'terminated' } }) }),
      9,
      'ended_by_itself',
    ],
    ['tells of a restart', restartedLab({ restarts: 1 }), 900, 'lab_crashed'],
    ['tells of a restart once', restartedLab({ restarts: 1 }, 1), 900, 'running'],
    ['tells of the third restart as a loop', restartedLab({ restarts: 3 }, 1, 10), 40, 'crash_looping'],
    ['tells of restarts at most twice a minute', restartedLab({ restarts: 3 }, 1, 10), 39.9, 'restarted'],
    [
      'tells that memory was short',
      restartedLab({ restarts: 1, lastEnd: { reason: 'OOMKilled', message: '', exitCode: 137 } }),
      900,
      'oom_killed',
    ],
    [
      'tells that it is away until the next restart',
      restartedLab({ state: 'waiting', reason: 'CrashLoopBackOff', restarts: 3 }, 3, 10),
      40,
      'crash_looping',
    ],
    ['keeps a failure for people to read', waiting({ lab: aLab({ record: FAILED }) }), 319, 'failed'],
    ['removes what failed long ago', waiting({ lab: aLab({ record: FAILED }) }), 320, 'failed_long_ago'],
    [
      'never removes unasked what it adopted as failed',
      waiting({ lab: aLab({ wish: adoptWish(), record: FAILED }) }),
      9999,
      'failed_when_adopted',
    ],
    ['deletes a request that was left', running({ requests: [aRequest()] }), 9, 'request_served'],
    [
      'is stopped when its resource is deleted',
      running({ lab: aLab({ record: RUNNING, beingDeleted: true }) }),
      9,
      'resource_deleted',
    ],
  ])('%s', (_name, seen, second, reason) => {
    expect(decideLab(seen, after(second)).reason).toBe(reason);
  });

  it('puts a restart into the record, with its cause and last words, and not into the closed story', () => {
    const record = recordOf(decideLab(restartedLab({ restarts: 2 }, 1), after(900)));

    expect(record).toEqual({
      phase: 'running',
      tellings: [],
      restarts: 2,
      ready: true,
      failure: {
        reason: 'lab_crashed',
        cause: 'The lab crashed (exit code 7); restarted 2 times so far (boom)',
        remedy: 'Try another image, or reset your user environment',
        who: 'user',
      },
    });
  });

  it('is not ready while it waits for its restart, and is again once it runs', () => {
    const away = restartedLab({ state: 'waiting', reason: 'CrashLoopBackOff', restarts: 3 }, 3);
    const notReady = { type: 'Ready', status: 'False', reason: 'crash_looping', message: '' } as const;
    const conditions = [{ ...notReady, lastTransitionTime: after(9), observedGeneration: 1 }];
    const back = restartedLab({ restarts: 3 }, 3);
    const told = { ...back.lab, record: { ...back.lab.record, conditions } };

    expect(recordOf(decideLab(away, after(900)))).toMatchObject({ restarts: 3, ready: false });
    expect(recordOf(decideLab({ ...back, lab: told }, after(900)))).toMatchObject({ ready: true });
    expect(decideLab({ ...away, lab: told }, after(900)).reason).toBe('running');
  });

  it('is not cleared away while removals are stopped', () => {
    const ended = running({
      lab: aLab({ record: { ...RUNNING, phase: 'terminated' } }),
      removals: 'stopped',
    });
    const failed = waiting({ lab: aLab({ record: FAILED }), removals: 'stopped' });

    for (const seen of [ended, failed]) {
      expect(decideLab(seen, after(900))).toEqual({ kind: 'wait', reason: 'removals_stopped' });
    }
  });

  const vanished = (reason: string): LabRecord => ({
    ...RUNNING,
    phase: 'terminated',
    failure: { ...FAILURE, reason },
  });
  it.each<[string, ObservedLab, boolean]>([
    ['a failed lab whose notebook runs after all', running({ lab: aLab({ record: FAILED }) }), true],
    ['a failed lab whose pod still waits', waiting({ lab: aLab({ record: FAILED }) }), false],
    [
      'a lab that was evicted',
      running({ lab: aLab({ record: vanished('evicted') }), pod: undefined }),
      false,
    ],
    ['a lab that vanished', running({ lab: aLab({ record: vanished('pod_gone') }), pod: undefined }), true],
    [
      'a lab that was seen going',
      running({
        lab: aLab({ record: vanished('pod_gone') }),
        pod: undefined,
        remembered: remembered({ sawGoing: true }),
      }),
      false,
    ],
  ])('counts as an unasked removal, or not: %s', (_whose, seen, counted) => {
    const step = stepOf(decideLab(seen, after(900)));

    expect(step).toEqual(counted ? { do: 'begin_stop', counted: true } : { do: 'begin_stop' });
  });

  it('keeps its closed story when it ends', () => {
    const record = recordOf(decideLab(running({ pod: undefined }), after(9)));

    expect(record).toMatchObject({ phase: 'terminated', tellings: [], lifeEnd: 'pod_gone' });
  });
});

describe('a lab in whose place a Nublado controller’s lives', () => {
  const namespace = aNamespace({ owner: 'nublado' });
  const pod = aPod({ operation: undefined });
  const taken = { ...FAILED, failure: { ...FAILURE, reason: 'namespace_taken' } };

  it.each<[string, Partial<ObservedLab>, string]>([
    ['has its record adopted with that one', {}, 'outlived'],
    ['has it also while unasked removals are stopped', { removals: 'stopped' }, 'outlived'],
    ['has it after a failure', { lab: aLab({ record: FAILED }) }, 'outlived'],
    ['has it after its objects were made', { lab: aLab({ record: OBJECTS }) }, 'outlived'],
    ['is left as it is where it was told of that', { lab: aLab({ record: taken }) }, 'failed'],
    [
      'is stopped where somebody deletes it',
      { lab: aLab({ record: RUNNING, beingDeleted: true }) },
      'resource_deleted',
    ],
    ['ends where that one goes', { namespace: { ...namespace, terminating: true } }, 'namespace_gone'],
    ['ends where that one has ended', { pod: { ...pod, over: true } }, 'namespace_gone'],
  ])('%s', (_name, changes, reason) => {
    expect(decideLab(running({ namespace, pod, ...changes }), after(30)).reason).toBe(reason);
  });
});

describe('an adopted lab', () => {
  const lab = aLab({ wish: adoptWish() });
  const pod = aPod({
    operation: undefined,
    notebook: aContainer({ state: 'running', restarts: 7, startedAt: after(-900) }),
  });

  it.each<[string, Partial<ObservedLab>, number, string]>([
    ['gets our marks first', { namespace: aNamespace({ owner: 'nublado' }), pod }, 1, 'adopted'],
    [
      'is running if its notebook runs, however often it restarted',
      { namespace: aNamespace(), pod },
      1,
      'complete',
    ],
    [
      'goes on waiting for a pending pod',
      { namespace: aNamespace(), pod: aPod({ operation: undefined }) },
      1,
      'waiting_for_pod',
    ],
    [
      'has only what is left of the spawn timeout',
      { namespace: aNamespace(), pod: aPod({ operation: undefined, createdAt: after(-600) }) },
      0,
      'spawn_timed_out',
    ],
    ['is failed without a pod', { namespace: aNamespace() }, 1, 'pod_missing'],
  ])('%s', (_name, changes, second, reason) => {
    expect(decideLab(observed({ lab, requests: [], ...changes }), after(second)).reason).toBe(reason);
  });

  it.each<[string, Partial<Lab>]>([
    ['deletes the resource', { beingDeleted: true }],
    ['stops it by hand', { wish: { ...adoptWish(), desiredState: 'stopped' } }],
  ])('is marked before it is stopped, if somebody %s while it is adopted', (_name, changes) => {
    const stopped = { ...lab, ...changes };
    const decide = (owner: NamespaceOwner, seen = stopped) =>
      decideLab(observed({ lab: seen, namespace: aNamespace({ owner }), pod, requests: [] }), after(1));

    expect(decide('nublado').reason).toBe('adopted');
    expect(stepOf(decide('this_operation'))).toEqual({ do: 'begin_stop' });
    expect(stepOf(decide('nublado', { ...stopped, record: RUNNING }))).toEqual({ do: 'begin_stop' });
  });
});

describe('a stop', () => {
  const remains = aNamespace({ owner: 'remains' });
  const DONE = aRecord({
    phase: 'stopped',
    operation: progress({ id: stopWish().operation.id, kind: 'stop', ended: 'succeeded' }),
  });

  it.each<[string, ObservedLab, Partial<Step> | undefined]>([
    [
      'deletes the request of a spawn it cancels',
      stopping({ requests: [aRequest({ resourceVersion: '99' })], namespace: remains }),
      { do: 'delete_request' },
    ],
    [
      'deletes the pod first',
      stopping({ namespace: remains, pod: aPod() }),
      { do: 'delete_pod', graceSeconds: 1 },
    ],
    [
      'waits for the pod',
      stopping({ namespace: remains, pod: aPod({ deletingUntil: after(101) }) }),
      undefined,
    ],
    [
      'asks for a deletion once',
      stopping({
        namespace: remains,
        pod: aPod(),
        remembered: remembered({ deletions: new Set(['pod-uid']) }),
      }),
      undefined,
    ],
    [
      'then deletes the namespace',
      stopping({ namespace: remains }),
      { do: 'delete_namespace', uid: 'namespace-uid' },
    ],
    ['waits for the namespace', stopping({ namespace: { ...remains, terminating: true } }), undefined],
    [
      'never touches a namespace of somebody else',
      stopping({ namespace: aNamespace({ owner: 'foreign' }), pod: aPod() }),
      { do: 'record' },
    ],
    ['then records the end', stopping(), { do: 'record' }],
    [
      'then labels the record',
      stopping({ lab: aLab({ wish: stopWish(), record: DONE }) }),
      { do: 'label_stopped' },
    ],
    [
      'or forgets it, if the resource is deleted',
      stopping({ lab: aLab({ wish: stopWish(), record: DONE, beingDeleted: true }) }),
      { do: 'forget' },
    ],
    [
      'becomes an operation when kubectl asked for it',
      stopping({
        lab: aLab({ wish: { ...stopWish(), operation: { id: SPAWN, kind: 'spawn', acceptedAt: ACCEPTED } } }),
      }),
      { do: 'begin_stop' },
    ],
  ])('%s', (_name, seen, step) => {
    const decision = decideLab(seen, after(101));

    if (step) expect(stepOf(decision)).toMatchObject(step);
    else expect(decision.kind).toBe('wait');
  });

  it('leaves a record to whoever else keeps it, once it is forgotten', () => {
    const finalizers = ['example.com/backup'];
    const lab = aLab({ wish: stopWish(), record: DONE, beingDeleted: true, finalizers });

    expect(decideLab(stopping({ lab }), after(120)).kind).toBe('settled');
  });

  it('tells the contract’s progress with its end', () => {
    const record = recordOf(decideLab(stopping(), after(110)));

    expect(record?.tellings.map((one) => one.progress)).toEqual([62, 100]);
    expect(record).toMatchObject({ phase: 'stopped', ended: 'succeeded', lifeEnd: 'stopped' });
  });
});
