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
import type { LabRecord } from './lab.js';
import type { ObservedLab } from './lab.observed.js';
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

  it('keeps its closed story when it ends', () => {
    const record = recordOf(decideLab(running({ pod: undefined }), after(9)));

    expect(record).toMatchObject({ phase: 'terminated', tellings: [], lifeEnd: 'pod_gone' });
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

  it('tells the contract’s progress with its end', () => {
    const record = recordOf(decideLab(stopping(), after(110)));

    expect(record?.tellings.map((one) => one.progress)).toEqual([62, 100]);
    expect(record).toMatchObject({ phase: 'stopped', ended: 'succeeded', lifeEnd: 'stopped' });
  });
});
