import { describe, expect, it } from 'vitest';

import {
  aContainer,
  aLab,
  aNamespace,
  aPod,
  aRecord,
  aRequest,
  aSetback,
  after,
  entry,
  observed,
  progress,
  remembered,
} from '../../test/gen/observed.js';
import { fleetingHome } from './causes/index.js';
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

const NOTEBOOK = 'pod-uid/notebook';
const waiting = (changes: Partial<ObservedLab> = {}): ObservedLab =>
  observed({
    lab: aLab({ record: OBJECTS }),
    namespace: aNamespace(),
    pod: aPod(),
    requests: [],
    ...changes,
  });
const withNotebook = (changes: Parameters<typeof aContainer>[0]): ObservedLab =>
  waiting({ pod: aPod({ notebook: aContainer(changes) }) });

const refusedTwice = new Map([[NOTEBOOK, aSetback({ code: 'pull_denied', times: 2 })]]);

const unconfigured: ObservedLab = {
  ...withNotebook({ reason: 'CreateContainerConfigError', message: 'x' }),
  remembered: remembered({
    setbacks: new Map([[NOTEBOOK, aSetback({ code: 'container_config_error', since: after(0) })]]),
  }),
};

type SpawnCase = [
  name: string,
  seen: Partial<ObservedLab>,
  second: number,
  reason: string,
  step: Partial<Step> | undefined,
];

const stepOf = (decision: Decision): Step | undefined =>
  decision.kind === 'act' ? decision.step : undefined;
const recordOf = (decision: Decision): StatusRecord | undefined => {
  const step = stepOf(decision);
  return step?.do === 'record' ? step.record : undefined;
};

describe('a spawn before its objects are created', () => {
  it.each<SpawnCase>([
    ['creates the first object at once', {}, 0, 'creating_objects', { do: 'create_object' }],
    [
      'goes on creating in its own namespace',
      { namespace: aNamespace() },
      1,
      'creating_objects',
      { do: 'create_object' },
    ],
    ['waits for a request Secret that is on its way', { requests: [] }, 9, 'waiting_for_request', undefined],
    [
      'does not take another operation’s request for its own',
      { requests: [aRequest({ operation: 'another' })] },
      9,
      'waiting_for_request',
      undefined,
    ],
    [
      'does not take an earlier record’s request for its own',
      { requests: [aRequest({ labUid: 'another' })] },
      9,
      'waiting_for_request',
      undefined,
    ],
    ['gives up on a request that never came', { requests: [] }, 10, 'request_incomplete', { do: 'record' }],
    [
      'says that it waits for a namespace that goes',
      { namespace: aNamespace({ owner: 'foreign', terminating: true }) },
      1,
      'namespace_terminating',
      { do: 'record' },
    ],
    [
      'never touches a namespace of somebody else',
      { namespace: aNamespace({ owner: 'foreign' }) },
      1,
      'namespace_taken',
      { do: 'record' },
    ],
    [
      'never touches what lives in a namespace of a Nublado controller',
      { namespace: aNamespace({ owner: 'nublado' }), pod: aPod({ operation: undefined }) },
      1,
      'namespace_taken',
      { do: 'record' },
    ],
    [
      'removes what such a controller left dead, since somebody asks for a lab',
      { namespace: aNamespace({ owner: 'nublado' }) },
      1,
      'removing_remains',
      { do: 'record' },
    ],
    [
      'says so before it removes remains',
      { namespace: aNamespace({ owner: 'remains' }), pod: aPod({ operation: 'older' }) },
      1,
      'removing_remains',
      { do: 'record' },
    ],
    [
      'records that the objects exist',
      { namespace: aNamespace(), pod: aPod() },
      1,
      'objects_created',
      { do: 'record' },
    ],
    [
      'needs no request once the pod exists',
      { namespace: aNamespace(), pod: aPod(), requests: [] },
      60,
      'objects_created',
      { do: 'record' },
    ],
    [
      'removes a pod of another operation from its namespace',
      { namespace: aNamespace(), pod: aPod({ operation: 'older' }) },
      1,
      'pod_deleting',
      { do: 'delete_pod' },
    ],
    [
      'fails with what the writer found',
      { remembered: remembered({ refusal: { reason: 'quota_exceeded', message: 'no' } }) },
      1,
      'quota_exceeded',
      { do: 'record' },
    ],
    ['ends when the time is up, even in the queue', {}, 600, 'spawn_timed_out', { do: 'record' }],
  ])('%s', (...[, changes, second, reason, step]) => {
    const decision = decideLab(observed(changes), after(second));

    expect(decision.reason).toBe(reason);
    if (step) expect(stepOf(decision)).toMatchObject(step);
    else expect(decision.kind).toBe('wait');
  });

  it('removes remains pod first, then the namespace, each said once', () => {
    const namespace = aNamespace({ owner: 'remains' });
    const said = entry(2, { reason: 'removing_remains', message: 'Deleting existing failed lab for rachel' });
    const pod = entry(3, { reason: 'pod_deleting', message: 'Shutting down Kubernetes pod' });
    const deleting = entry(4, { reason: 'namespace_deleting', message: 'Deleting user namespace' });
    const told = (...ledger: LabRecord['ledger']) =>
      aLab({ record: aRecord({ operation: progress({ last: ledger.length + 1 }), ledger }) });

    const withPod = decideLab(
      observed({ lab: told(said, pod), namespace, pod: aPod({ operation: 'x' }) }),
      after(1),
    );
    const podless = decideLab(observed({ lab: told(said, pod), namespace }), after(2));
    const sayDone = decideLab(observed({ lab: told(said, pod, deleting), namespace }), after(3));
    const going = { ...namespace, terminating: true };
    const waits = decideLab(observed({ lab: told(said, pod, deleting), namespace: going }), after(4));
    const goesOn = decideLab(observed({ lab: told(said, pod, deleting) }), after(9));

    expect(stepOf(withPod)).toEqual({ do: 'delete_pod', uid: 'pod-uid', graceSeconds: 1 });
    expect(recordOf(podless)?.tellings.map((one) => one.reason)).toEqual(['namespace_deleting']);
    expect(stepOf(sayDone)).toEqual({ do: 'delete_namespace', uid: 'namespace-uid' });
    expect(waits).toMatchObject({ kind: 'wait', reason: 'namespace_deleting' });
    expect(stepOf(goesOn)).toEqual({ do: 'create_object' });
  });

  it('tells the removal of remains together with the objects', () => {
    const ledger = [
      entry(2, { reason: 'removing_remains' }),
      entry(3, { message: 'Deleting user namespace' }),
    ];
    const lab = aLab({ record: aRecord({ operation: progress({ last: 3 }), ledger }) });

    const decision = decideLab(observed({ lab, namespace: aNamespace(), pod: aPod() }), after(9));

    expect(recordOf(decision)?.tellings.map((one) => one.progress)).toEqual([20, 30]);
  });

  it('never deletes a namespace of somebody else on the way, even if it goes by itself', () => {
    const ledger = [entry(2, { reason: 'removing_remains' })];
    const lab = aLab({ record: aRecord({ operation: progress({ last: 2 }), ledger }) });
    const namespace = aNamespace({ owner: 'foreign', terminating: true });

    const decision = decideLab(observed({ lab, namespace, pod: aPod({ operation: 'theirs' }) }), after(1));

    expect(stepOf(decision)?.do).not.toBe('delete_pod');
  });
});

describe('a spawn that waits for its pod', () => {
  it.each<[string, ObservedLab, number, string]>([
    ['waits for a pod on its way', waiting(), 1, 'waiting_for_pod'],
    ['is complete when the notebook runs', withNotebook({ state: 'running' }), 1, 'complete'],
    [
      'is not complete while the pod is being deleted',
      waiting({ pod: aPod({ deletingUntil: after(1), notebook: aContainer({ state: 'running' }) }) }),
      1,
      'pod_deleted',
    ],
    [
      'distrusts a notebook that has just restarted',
      withNotebook({ state: 'running', restarts: 1, startedAt: after(5) }),
      14,
      'waiting_for_pod',
    ],
    [
      'trusts it after ten seconds',
      withNotebook({ state: 'running', restarts: 1, startedAt: after(5) }),
      15,
      'complete',
    ],
    [
      'calls the third restart a loop',
      withNotebook({
        state: 'running',
        restarts: 3,
        startedAt: after(5),
        lastEnd: { reason: 'Error', message: '', exitCode: 1 },
      }),
      60,
      'crash_looping',
    ],
    [
      'is patient with the first crash',
      withNotebook({
        reason: 'CrashLoopBackOff',
        restarts: 1,
        lastEnd: { reason: 'Error', message: '', exitCode: 1 },
      }),
      60,
      'details',
    ],
    [
      'blames memory when memory is to blame',
      withNotebook({
        reason: 'CrashLoopBackOff',
        restarts: 3,
        lastEnd: { reason: 'OOMKilled', message: '', exitCode: 137 },
      }),
      60,
      'oom_killed',
    ],
    [
      'is patient with the first failed pull',
      withNotebook({ reason: 'ErrImagePull', message: 'not found' }),
      60,
      'details',
    ],
    [
      'knows a missing image',
      withNotebook({ reason: 'ImagePullBackOff', message: 'Back-off: manifest unknown: not found' }),
      3,
      'image_missing',
    ],
    [
      'is patient with one refused pull',
      withNotebook({ reason: 'ImagePullBackOff', message: '401 Unauthorized' }),
      3,
      'details',
    ],
    [
      'knows a pull that is refused again',
      {
        ...withNotebook({ reason: 'ImagePullBackOff', message: '401 Unauthorized' }),
        remembered: remembered({ setbacks: refusedTwice }),
      },
      3,
      'pull_denied',
    ],
    [
      'keeps waiting for a registry that is down',
      withNotebook({ reason: 'ImagePullBackOff', message: 'connection refused' }),
      60,
      'details',
    ],
    ['waits for a container that cannot be configured yet', unconfigured, 59, 'details'],
    ['fails when it still cannot', unconfigured, 60, 'container_config_error'],
    [
      'counts from the first sight of it, not from the creation of the pod',
      withNotebook({ reason: 'CreateContainerConfigError', message: 'x' }),
      300,
      'details',
    ],
    ['knows an eviction', waiting({ pod: aPod({ over: true, overReason: 'Evicted' }) }), 1, 'evicted'],
    ['knows an image name that is none', withNotebook({ reason: 'InvalidImageName' }), 1, 'image_invalid'],
    ['waits for a node', waiting({ pod: aPod({ unschedulable: '0/3 nodes' }) }), 60, 'details'],
    ['fails without its pod', waiting({ pod: undefined }), 1, 'pod_missing'],
    ['fails without its namespace', waiting({ namespace: undefined }), 1, 'namespace_gone'],
    ['ends when the time is up', waiting(), 600, 'spawn_timed_out'],
    ['prefers success to the deadline', withNotebook({ state: 'running' }), 900, 'complete'],
    ['deletes the request it has served', waiting({ requests: [aRequest()] }), 1, 'request_served'],
    [
      'leaves a newer request alone',
      waiting({ requests: [aRequest({ operation: 'newer', resourceVersion: '101' })] }),
      1,
      'waiting_for_pod',
    ],
    [
      'deletes an older request',
      waiting({ requests: [aRequest({ operation: 'older', resourceVersion: '99' })] }),
      1,
      'request_served',
    ],
  ])('%s', (_name, seen, second, reason) => {
    expect(decideLab(seen, after(second)).reason).toBe(reason);
  });

  it('ends a failure with the cause and then with the contract’s word', () => {
    const record = recordOf(decideLab(withNotebook({ reason: 'InvalidImageName' }), after(1)));

    expect(record).toMatchObject({
      phase: 'failed',
      ended: 'failed',
      failure: { reason: 'image_invalid', who: 'user' },
    });
    expect(record?.tellings.map((one) => [one.event, one.reason])).toEqual([
      ['error', 'image_invalid'],
      ['failed', 'spawn_failed'],
    ]);
    expect(record?.tellings.at(-1)?.message).toBe('Lab spawn failed');
  });

  it('names what the pod waited for when the time is up', () => {
    const record = recordOf(decideLab(waiting({ pod: aPod({ unschedulable: '0/3 nodes' }) }), after(600)));

    expect(record?.failure?.cause).toContain('Lab spawn timed out after 600');
    expect(record?.failure?.cause).toContain('0/3 nodes');
  });

  const heard = (reason: string, at: number, remedy?: string) => ({
    ...{ reason, message: `${reason} in words`, at: after(at) },
    ...(remedy !== undefined && { remedy, who: 'operator' as const }),
  });
  const pending = aContainer({ reason: 'PodInitializing' });
  it.each([
    [
      'the pull that goes on, not what it waited for before',
      [heard('autoscaler_scaling_up', 1, 'Wait: x'), heard('scheduled', 200), heard('pulling', 201)],
      {},
      {
        cause: /The node has been pulling the image for more than 5 minutes/,
        remedy: 'Try again later, or ask an operator to look at the cluster',
      },
    ],
    [
      'nothing that was got over',
      [heard('volume_not_mounted', 1, 'Look'), heard('pulled', 9), heard('started', 10)],
      {},
      {
        cause: /^Lab spawn timed out after 600 seconds$/,
        remedy: 'Try again later, or ask an operator to look at the cluster',
      },
    ],
    [
      'the last trouble, where nothing tells that it was got over',
      [heard('scheduled', 1), heard('volume_not_mounted', 9, 'Look')],
      {},
      { cause: /volume_not_mounted in words/, remedy: 'Look' },
    ],
    [
      'a preparation that goes on',
      [heard('volume_not_mounted', 1, 'Look'), heard('started', 9)],
      { inits: [aContainer({ name: 'inithome', state: 'running' })], notebook: pending },
      {
        cause: /Container inithome, which comes before the lab, is not done/,
        remedy: 'Look at what the init container needs: volumes, permissions, its image',
      },
    ],
    [
      'nothing that was said at the beginning',
      [fleetingHome('Homes are destroyed')],
      {},
      {
        cause: /^Lab spawn timed out after 600 seconds$/,
        remedy: 'Try again later, or ask an operator to look at the cluster',
      },
    ],
    [
      'a sidecar only while it is not ready',
      [],
      { inits: [aContainer({ name: 'mesh', state: 'running', ready: true })], notebook: pending },
      {
        cause: /^Lab spawn timed out after 600 seconds$/,
        remedy: 'Try again later, or ask an operator to look at the cluster',
      },
    ],
  ])('names, when the time is up, %s', (_what, details, pod, { cause, remedy }) => {
    const seen = waiting({ pod: aPod(pod), remembered: remembered({ details }) });

    const record = recordOf(decideLab(seen, after(600)));

    expect(record?.failure?.cause).toMatch(cause);
    expect(record?.failure?.remedy).toBe(remedy);
  });

  it('says, when the time is up, of a lab that runs and whose port does not answer', () => {
    const terms = { ...observed().terms, readiness: 'tcp' } as const;
    const record = recordOf(decideLab({ ...withNotebook({ state: 'running' }), terms }, after(600)));

    expect(record?.failure?.cause).toContain('The lab runs, and does not answer at its port');
  });

  it('tells details, the end included, in one write', () => {
    const details = [{ reason: 'pulled', message: 'Pulled', progress: 'relay' as const }];
    const seen = { ...withNotebook({ state: 'running' }), remembered: remembered({ details }) };

    const record = recordOf(decideLab(seen, after(3)));

    expect(record?.tellings.map((one) => one.reason)).toEqual(['pulled', 'complete']);
  });

  it('never tells of a pod that is not of this operation, however late its events come', () => {
    const details = [
      { reason: 'failed', message: 'of the pod before', podUid: 'old-pod' },
      { reason: 'pulled', message: 'of this pod', podUid: aPod().uid },
    ];
    const seen = { ...withNotebook({ state: 'running' }), remembered: remembered({ details }) };

    const record = recordOf(decideLab(seen, after(3)));

    expect(record?.tellings.map((one) => one.reason)).toEqual(['pulled', 'complete']);
  });

  it('holds details back until the budget allows them', () => {
    const details = [{ reason: 'pulled', message: 'Pulled', progress: 'relay' as const }];
    const pace = { writes: 3, lastAt: after(10) };
    const seen = waiting({ remembered: remembered({ details, pace }) });

    expect(decideLab(seen, after(11))).toEqual({ kind: 'wait', reason: 'waiting_for_pod', until: after(12) });
    expect(decideLab(seen, after(12)).reason).toBe('details');
  });

  it('looks again when patience with a container ends', () => {
    const told = entry(3, {
      reason: 'container_config_error',
      message: 'Container notebook cannot be started',
      evidence: 'x',
    });
    const lab = aLab({ record: { ...OBJECTS, ledger: [...OBJECTS.ledger, told] } });
    const setbacks = new Map([[NOTEBOOK, aSetback({ code: 'container_config_error', since: after(95) })]]);
    const seen = { ...unconfigured, lab, remembered: remembered({ setbacks }) };

    expect(decideLab(seen, after(100))).toEqual({
      kind: 'wait',
      reason: 'waiting_for_pod',
      until: after(155),
    });
    expect(decideLab(seen, after(155)).reason).toBe('container_config_error');
  });

  it('does not repeat what it explains', () => {
    const details = [{ reason: 'failed_scheduling', message: '0/3 nodes', progress: 'relay' as const }];
    const seen = waiting({ pod: aPod({ unschedulable: '0/3 nodes' }), remembered: remembered({ details }) });

    const record = recordOf(decideLab(seen, after(60)));

    expect(record?.tellings.map((one) => one.reason)).toEqual(['unschedulable']);
  });

  it('waits for the port where the operator wants it', () => {
    const terms = { ...observed().terms, readiness: 'tcp' } as const;

    expect(decideLab({ ...withNotebook({ state: 'running' }), terms }, after(1)).reason).toBe(
      'waiting_for_pod',
    );
    expect(decideLab({ ...withNotebook({ state: 'running', ready: true }), terms }, after(1)).reason).toBe(
      'complete',
    );
  });
});
