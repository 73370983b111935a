import { quantity } from './quantity.js';
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod, Taint, Toleration } from './types.js';

/** What a pod asks of a node, or what of a node is taken. */
export interface Load {
  cpu: number;
  memory: number;
  pods: number;
}

/** The requests of a pod: the sum of its containers, or its largest init container if that is more. */
export function loadOf({ spec }: Pod): Load {
  const sum = (resource: string): number => {
    const amounts = (containers: Pod['spec']['containers']): number[] =>
      containers.map(({ resources }) => quantity((resources?.requests ?? resources?.limits)?.[resource]));
    const together = amounts(spec.containers).reduce((total, each) => total + each, 0);
    return Math.max(together, ...amounts(spec.initContainers ?? []));
  };
  return { cpu: sum('cpu'), memory: sum('memory'), pods: 1 };
}

interface Obstacle {
  reason: string;
  /** Whether removing other pods could make room. */
  room: boolean;
}

/** Why the pod can't go to this node, in the scheduler's words; empty if it can. */
export function obstacles(pod: Pod, node: Node, used: Load): Obstacle[] {
  const fixed = fixedObstacle(pod, node);
  return fixed === undefined ? lacks(loadOf(pod), node, used) : [{ reason: fixed, room: false }];
}

function fixedObstacle(pod: Pod, node: Node): string | undefined {
  const { tolerations = [] } = pod.spec;
  const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  if (node.spec?.unschedulable === true && !tolerates(tolerations, cordon))
    return 'node(s) were unschedulable';
  const hard = (node.spec?.taints ?? []).filter((each) => each.effect !== 'PreferNoSchedule');
  if (hard.some((each) => !tolerates(tolerations, each))) return 'node(s) had untolerated taint(s)';
  return matches(pod, node) ? undefined : "node(s) didn't match Pod's node affinity/selector";
}

export function isReady(node: Node): boolean {
  return node.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false;
}

function lacks(wanted: Load, node: Node, used: Load): Obstacle[] {
  const { allocatable = {} } = node.status ?? {};
  const found: Obstacle[] = [];
  if (used.pods + 1 > quantity(allocatable['pods'])) found.push({ reason: 'Too many pods', room: true });
  for (const resource of ['cpu', 'memory'] as const) {
    const all = quantity(allocatable[resource]);
    if (wanted[resource] === 0 || used[resource] + wanted[resource] <= all + 1e-9) continue;
    found.push({ reason: `Insufficient ${resource}`, room: wanted[resource] <= all });
  }
  return found;
}

function tolerates(tolerations: Toleration[], taint: Taint): boolean {
  return tolerations.some((each) => {
    if (each.effect && each.effect !== taint.effect) return false;
    if (!each.key) return each.operator === 'Exists';
    if (each.key !== taint.key) return false;
    return each.operator === 'Exists' || (each.value ?? '') === (taint.value ?? '');
  });
}

function matches(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  if (!selector.every(([key, value]) => labels[key] === value)) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined) return true;
  return required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  const fields = { 'metadata.name': node.metadata.name };
  return (
    matchExpressions.every((each) => holds(each, labels)) && matchFields.every((each) => holds(each, fields))
  );
}

function holds(
  { key, operator, values = [] }: NodeSelectorRequirement,
  labels: Record<string, string>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** The sentence of the PodScheduled condition when no node takes the pod. */
export function unschedulable(all: Obstacle[][]): string {
  const total = all.length;
  if (total === 0) return 'no nodes available to schedule pods';
  const refused = histogram(all.flatMap((each) => each.map(({ reason }) => reason)));
  const preemption = histogram(
    all.map((each) =>
      each.every(({ room }) => room)
        ? 'No preemption victims found for incoming pod'
        : 'Preemption is not helpful for scheduling',
    ),
  );
  const head = `0/${total} nodes are available`;
  return `${head}: ${refused}. no new claims to deallocate, preemption: ${head}: ${preemption}.`;
}

/** The same sentence when a claim keeps the pod from every node; its odd end is the real scheduler's. */
export const withoutClaim = (total: number, why: string): string =>
  total === 0 ? unschedulable([]) : `0/${total} nodes are available: ${why}. not found`;

function histogram(reasons: string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
