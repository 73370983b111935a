import { bytes, instant, milliCpu } from '../../src/common/units.js';
import type { Owner } from '../../src/common/record.js';
import type { Lab, LabRecord, LabResources, LabWish, Operation } from '../../src/labs/lab.js';
import { DEFAULT_LAB } from '../../src/labs/lab.js';
import { labName } from '../../src/labs/lab.names.js';

const GIB = 1024 ** 3;

/** The sizes that `someSettings()` knows. */
const SIZES: Readonly<Record<string, LabResources>> = {
  small: resources([1000, 3 * GIB], [250, 0.75 * GIB]),
  medium: resources([2000, 6 * GIB], [500, 1.5 * GIB]),
  large: resources([4000, 12 * GIB], [1000, 3 * GIB]),
};

/** Somebody who may have a lab. */
export function aUser(parts: Partial<Owner> = {}): Owner {
  const username = parts.username ?? 'rachel';
  return {
    username,
    name: 'Rachel Chen',
    uid: 1101,
    gid: 1101,
    groups: [
      { name: username, id: 1101 },
      { name: 'lunatics', id: 2028 },
      { name: 'mechanics', id: 2001 },
      { name: 'storytellers', id: 2021 },
      { name: 'admins', id: 2000 },
    ],
    ...parts,
  };
}

function anOperation(parts: Partial<Operation> = {}): Operation {
  return { id: 'abcdefghij', kind: 'spawn', acceptedAt: instant(Date.UTC(2026, 10, 21, 9)), ...parts };
}

export interface LabParts extends Partial<Omit<LabWish, 'owner' | 'operation'>> {
  readonly owner?: Partial<Owner>;
  readonly operation?: Partial<Operation>;
  readonly record?: Partial<LabRecord>;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly finalizers?: readonly string[];
  readonly beingDeleted?: boolean;
}

/** A small lab of rachel's, just accepted, with whatever `parts` say instead. */
export function aLab(parts: LabParts = {}): Lab {
  const { owner, operation, record, uid, resourceVersion, generation, finalizers, beingDeleted, ...wish } =
    parts;
  const whole = aWish({ ...wish, owner: aUser(owner), operation: anOperation(operation) });
  return {
    name: labName(whole.owner.username, whole.labName),
    uid: uid ?? '6f0c1c2e-9a52-4a4e-8f0e-3b1d8a3f5c01',
    resourceVersion: resourceVersion ?? '1',
    generation: generation ?? 1,
    finalizers: finalizers ?? [],
    beingDeleted: beingDeleted ?? false,
    wish: whole,
    record: {
      phase: 'pending',
      operation: null,
      ledger: [],
      conditions: [],
      failure: null,
      past: [],
      ...record,
    },
  };
}

function aWish(parts: Partial<LabWish> & Pick<LabWish, 'owner' | 'operation'>): LabWish {
  const size = parts.size ?? 'small';
  return {
    labName: DEFAULT_LAB,
    desiredState: 'running',
    image: {
      reference: 'registry.example.org/science/lab:d_2077_10_23@sha256:1234',
      tag: 'd_2077_10_23',
      digest: 'sha256:1234',
      displayName: 'Daily 2077_10_23',
    },
    size,
    resources: SIZES[size] ?? resources([1000, GIB], [1000, GIB]),
    options: { enableDebug: false, resetUserEnv: false },
    quota: null,
    servicePrefix: `/nb/user/${parts.owner.username}/`,
    lane: 0,
    ...parts,
  };
}

function resources(limits: [cpu: number, memory: number], requests: [number, number]): LabResources {
  const quantities = ([cpu, memory]: [number, number]) => ({ cpu: milliCpu(cpu), memory: bytes(memory) });
  return { limits: quantities(limits), requests: quantities(requests) };
}
