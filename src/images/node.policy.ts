import type { ImageNode, NodeTaint } from './image-node.js';

export interface NodeToleration {
  readonly effect?: string | undefined;
  readonly key?: string | undefined;
  readonly operator: 'Equal' | 'Exists';
  readonly tolerationSeconds?: number | undefined;
  readonly value?: string | undefined;
}

/** Where labs may run, from the configuration (contract 3.6). */
export interface PlacementSettings {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly NodeToleration[];
}

/** Whether labs are meant for this node at all; others are never seen (contract 9.2). */
export function isSelected({ labels }: ImageNode, { nodeSelector }: PlacementSettings): boolean {
  return Object.entries(nodeSelector).every(([key, value]) => labels[key] === value);
}

/** Put there by Kubernetes itself, a moment after the fact; the fact is told first, in plainer words. */
const CORDONED = 'node.kubernetes.io/unschedulable';

/** Why no lab could start on a node now; undefined if one could (contract 9.2). */
export function ineligibility(node: ImageNode, { tolerations }: PlacementSettings): string | undefined {
  const tolerated = (taint: NodeTaint): boolean => tolerations.some((one) => tolerates(one, taint));
  const taint = node.taints.find((one) => one.effect !== 'PreferNoSchedule' && !tolerated(one));
  if (taint) return `Node is tainted (${[taint.effect, describe(taint)].join(', ')})`;
  if (node.cordoned && !tolerated({ key: CORDONED, effect: 'NoSchedule' })) return 'Node is cordoned';
  return node.ready ? undefined : 'Node is not ready';
}

/** A toleration for some time only does not help a lab that means to stay (contract 9.2). */
function tolerates(toleration: NodeToleration, taint: NodeTaint): boolean {
  const { effect, key, operator, tolerationSeconds, value } = toleration;
  if (effect !== undefined && effect !== taint.effect) return false;
  if (taint.effect === 'NoExecute' && tolerationSeconds !== undefined) return false;
  if (operator === 'Exists') return !key || key === taint.key;
  return key === taint.key && (value ?? '') === (taint.value ?? '');
}

const describe = ({ key, value }: NodeTaint): string => (value ? `${key} = ${value}` : key);
