import type { Quantities } from '../lab.js';
import { cause } from './cause.js';
import type { Cause, ReasonCode, Surroundings } from './cause.js';
import { cores, gibibytes } from './sizes.js';

/** Why some nodes were passed over, as the scheduler groups them: `2 Insufficient cpu`. */
interface Obstacle {
  readonly nodes: number;
  readonly why: string;
}

/** Which obstacle is behind which words of the scheduler (`k8s.io/kubernetes/pkg/scheduler/framework/plugins`), the most telling first. */
const OBSTACLES: readonly (readonly [RegExp, ReasonCode])[] = [
  [/^Insufficient cpu$/, 'cpu_short'],
  [/^Insufficient memory$/, 'memory_short'],
  [/^Insufficient /, 'resource_short'],
  [/^Too many pods/, 'nodes_full'],
  [/max volume count/, 'volumes_exhausted'],
  [/ReadWriteOncePod/, 'volume_in_use'],
  [
    /volume node affinity|PersistentVolume's node affinity|no available volume zone|available persistent volumes to bind/,
    'volume_elsewhere',
  ],
  [/affinity|selector/, 'nodes_excluded'],
  [/node\.kubernetes\.io\/unschedulable|were unschedulable/, 'nodes_cordoned'],
  // Also those of clouds, network plugins and storage drivers, which a new node bears until they have come up.
  [/taint.*(?:not-ready|unreachable|-pressure|-unavailable|uninitialized|unregistered)/, 'nodes_not_ready'],
  [/taint/, 'nodes_tainted'],
];

const SENTENCES: Partial<Record<ReasonCode, string>> = {
  nodes_full: 'The nodes run as many pods as they may',
  volumes_exhausted: 'The nodes have as many volumes attached as they can',
  volume_in_use: 'Another pod still uses a volume of the lab',
  volume_elsewhere: 'No node with room can reach a volume of the lab',
  nodes_excluded: 'No node matches what the configuration demands of nodes for labs',
  nodes_cordoned: 'The nodes are closed for new pods',
  nodes_not_ready: 'The nodes are not ready',
  nodes_tainted: 'The nodes are reserved for something else',
};

const UNEXPLAINED = 'The scheduler finds no place for the lab yet';

/** Why the scheduler finds no node; never certain, as an autoscaler may bring one. */
export function unscheduled(words: string, around: Surroundings): Cause {
  const [code, message] = fromWhole(words) ?? fromObstacles(words, around);
  return cause(code, message, { words });
}

/** The pod is not even to be scheduled yet. */
export const gated = (words: string): Cause =>
  cause('scheduling_gated', 'The lab waits for its turn: something holds its pod back', { words });

type Finding = readonly [ReasonCode, string];

/** What concerns the pod whatever the node. */
function fromWhole(words: string): Finding | undefined {
  // With `WaitForFirstConsumer` a volume is made once a node is chosen, and the scheduler waits for that.
  if (/unbound immediate PersistentVolumeClaims|: binding volumes: /.test(words))
    return ['claim_unbound', 'A claim of the lab has no volume yet'];
  const claim = /persistentvolumeclaim "([^"]+)" (?:not found|is being deleted)/.exec(words)?.[1];
  if (claim !== undefined) return ['claim_missing', `The claim ${claim} does not exist, or is going`];
  return /^no nodes available|^0\/0 nodes/.test(words)
    ? ['no_nodes', 'The cluster has no nodes yet']
    : undefined;
}

function fromObstacles(words: string, around: Surroundings): Finding {
  const obstacles = obstaclesIn(words);
  for (const [pattern, code] of OBSTACLES) {
    const behind = obstacles.filter(({ why }) => pattern.test(why));
    if (behind.length > 0)
      return [tooLarge(code, around) ? 'node_too_small' : code, sentence(code, behind, around)];
  }
  return ['unschedulable', UNEXPLAINED];
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}. preemption: …` */
function obstaclesIn(words: string): readonly Obstacle[] {
  const list =
    /nodes are available: (.*)/s.exec(words)?.[1]?.split(/\. (?:preemption|no new claims)/)[0] ?? '';
  return list.split(/, (?=\d+ )/).flatMap((part) => {
    const [, nodes, why] = /^(\d+) (.*?)\.?$/s.exec(part) ?? [];
    return why === undefined ? [] : [{ nodes: Number(nodes), why }];
  });
}

function sentence(code: ReasonCode, behind: readonly Obstacle[], around: Surroundings): string {
  const nodes = behind.reduce((sum, obstacle) => sum + obstacle.nodes, 0);
  const on = nodes === 1 ? 'on 1 node' : `on ${nodes} nodes`;
  if (code === 'cpu_short') return short('CPU', on, around, ({ cpu }) => cores(cpu));
  if (code === 'memory_short') return short('memory', on, around, ({ memory }) => gibibytes(memory));
  if (code === 'resource_short') {
    const names = behind.map(({ why }) => why.replace('Insufficient ', '')).join(', ');
    return `The nodes are short of ${names}`;
  }
  return SENTENCES[code] ?? UNEXPLAINED;
}

function short(what: string, on: string, around: Surroundings, amount: (of: Quantities) => string): string {
  const { requests, largestNode } = around;
  const asks = requests ? `: the lab asks for ${amount(requests)}` : '';
  const has = requests && largestNode ? `, and the largest node has ${amount(largestNode)} in all` : '';
  return `Too little ${what} is free ${on}${asks}${has}`;
}

/** Not even an empty node would do. */
function tooLarge(code: ReasonCode, { requests, largestNode }: Surroundings): boolean {
  if (!requests || !largestNode) return false;
  if (code === 'cpu_short') return requests.cpu > largestNode.cpu;
  return code === 'memory_short' && requests.memory > largestNode.memory;
}
