import { bytes, instant, later, milliCpu, seconds } from '../../src/common/units.js';
import type { Instant } from '../../src/common/units.js';
import type { Lab, LabRecord, LabWish, LedgerEntry, OperationProgress } from '../../src/labs/lab.js';
import type {
  ObservedContainer,
  ObservedLab,
  ObservedNamespace,
  ObservedPod,
  ObservedRequest,
  Remembered,
  Setback,
} from '../../src/labs/lab.observed.js';

/** When everything in these builders began. */
export const ACCEPTED: Instant = instant(Date.UTC(2026, 0, 2, 3, 4, 5));
export const SPAWN = 'spawnaaaaa';
export const STOP = 'stopaaaaaa';

export const after = (span: number): Instant => later(ACCEPTED, seconds(span));

export function aWish(changes: Partial<LabWish> = {}): LabWish {
  const quantities = { cpu: milliCpu(1000), memory: bytes(3 * 1024 ** 3) };
  return {
    owner: {
      username: 'rachel',
      name: 'Rachel',
      uid: 1101,
      gid: 1101,
      groups: [{ name: 'rachel', id: 1101 }],
    },
    labName: 'default',
    desiredState: 'running',
    operation: { id: SPAWN, kind: 'spawn', acceptedAt: ACCEPTED },
    image: { reference: 'reg/lab:w1@sha256:1', tag: 'w1', digest: 'sha256:1', displayName: 'Weekly 1' },
    size: 'small',
    resources: { limits: quantities, requests: quantities },
    options: { enableDebug: false, resetUserEnv: false },
    quota: null,
    servicePrefix: '/nb/user/rachel/',
    lane: 0,
    ...changes,
  };
}

export const stopWish = (): LabWish =>
  aWish({ desiredState: 'stopped', operation: { id: STOP, kind: 'stop', acceptedAt: after(100) } });

export const adoptWish = (): LabWish =>
  aWish({ operation: { id: SPAWN, kind: 'adopt', acceptedAt: ACCEPTED } });

export const progress = (changes: Partial<OperationProgress> = {}): OperationProgress => ({
  id: SPAWN,
  kind: 'spawn',
  deadline: after(600),
  last: 1,
  objectsCreated: false,
  ended: null,
  restarts: 0,
  ...changes,
});

export const aRecord = (changes: Partial<LabRecord> = {}): LabRecord => ({
  phase: 'pending',
  operation: null,
  ledger: [],
  conditions: [],
  failure: null,
  past: [],
  ...changes,
});

export const entry = (number: number, changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  number,
  at: after(number),
  event: 'info',
  reason: 'detail',
  severity: 'info',
  message: `entry ${number}`,
  ...changes,
});

export const aLab = (changes: Partial<Lab> = {}): Lab => ({
  name: 'rachel',
  uid: 'lab-uid',
  resourceVersion: '100',
  generation: 1,
  beingDeleted: false,
  finalizers: ['berth.dev/lab'],
  wish: aWish(),
  record: aRecord(),
  ...changes,
});

export const aNamespace = (changes: Partial<ObservedNamespace> = {}): ObservedNamespace => ({
  name: 'userlabs-rachel',
  uid: 'namespace-uid',
  createdAt: ACCEPTED,
  terminating: false,
  owner: 'this_operation',
  ...changes,
});

export const aContainer = (changes: Partial<ObservedContainer> = {}): ObservedContainer => ({
  name: 'notebook',
  image: 'reg/lab:w1@sha256:1',
  state: 'waiting',
  reason: '',
  message: '',
  ready: false,
  restarts: 0,
  ...changes,
});

export const aPod = (changes: Partial<ObservedPod> = {}): ObservedPod => ({
  namespace: 'userlabs-rachel',
  name: 'rachel-nb',
  uid: 'pod-uid',
  createdAt: ACCEPTED,
  operation: SPAWN,
  deletingUntil: undefined,
  node: 'node-1',
  over: false,
  overReason: '',
  overMessage: '',
  unschedulable: undefined,
  gated: undefined,
  disruption: undefined,
  notebook: aContainer(),
  inits: [],
  ...changes,
});

export const aRequest = (changes: Partial<ObservedRequest> = {}): ObservedRequest => ({
  name: 'request',
  uid: 'request-uid',
  resourceVersion: '101',
  labUid: 'lab-uid',
  operation: SPAWN,
  createdAt: ACCEPTED,
  ...changes,
});

export const aSetback = (changes: Partial<Setback> = {}): Setback => ({
  code: 'pull_failed',
  since: ACCEPTED,
  stands: true,
  times: 1,
  backedOff: false,
  ...changes,
});

export const remembered = (changes: Partial<Remembered> = {}): Remembered => ({
  allCreated: false,
  refusal: undefined,
  deletions: new Set(),
  details: [],
  restored: new Map(),
  pace: { writes: 0, lastAt: undefined },
  sawGoing: false,
  goingBecause: undefined,
  setbacks: new Map(),
  retryAt: instant(0),
  since: ACCEPTED,
  ...changes,
});

/** A spawn just accepted: Lab and request Secret are there, nothing else. */
export const observed = (changes: Partial<ObservedLab> = {}): ObservedLab => ({
  lab: aLab(),
  namespace: undefined,
  missing: [],
  pod: undefined,
  node: undefined,
  largestNode: undefined,
  requests: [aRequest()],
  remembered: remembered(),
  terms: {
    spawnTimeout: seconds(600),
    deleteTimeout: seconds(60),
    failedKept: seconds(300),
    readiness: 'off',
  },
  removals: 'free',
  ...changes,
});
