import { createHash } from 'node:crypto';
import { buildPrepullPod } from '../src/prepuller/prepull-pod.builder.js';
import { BareClient } from './api.js';
import { FLEET } from './clusters.js';

/**
 * The floor of prepulling, in a process of its own: a bare client that makes the same pods, as many at a time, sees them
 * in one watch, and deletes each when it has ended. It knows neither nodes nor failures, and keeps nothing.
 */
export interface FloorReport {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly memoryMiB: number;
  readonly requests: number;
  readonly events: number;
}

/** Pods under way at once: what Berth allows one registry by default. */
const AT_ONCE = 50;

interface SeenPod {
  readonly type: string;
  readonly object: {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly phase?: string };
  };
}

async function main(url: string): Promise<FloorReport> {
  const client = new BareClient({ url }, 'floor');
  const [ended, counts] = [new Map<string, () => void>(), { requests: 0, events: 0 }];
  const path = '/api/v1/namespaces/floor/pods';
  const call = async (target: string, parts: Parameters<BareClient['call']>[1]): Promise<void> => {
    counts.requests += 1;
    const { status, body } = await client.call(target, parts);
    if (status >= 300) throw new Error(`${target} was refused: ${JSON.stringify(body)}`);
  };
  const follow = async (): Promise<void> => {
    for await (const line of client.lines(`${path}?watch=true`)) {
      const { object, type } = JSON.parse(line) as SeenPod;
      counts.events += 1;
      if (type !== 'DELETED' && object.status?.phase === 'Succeeded') ended.get(object.metadata.name)?.();
    }
  };
  void follow().catch(() => undefined);
  const pull = async (pod: ReturnType<typeof podOf>): Promise<void> => {
    const { name } = pod.metadata;
    const end = new Promise<void>((resolve) => ended.set(name, resolve));
    await call(path, { method: 'POST', body: pod });
    await end;
    await call(`${path}/${name}?gracePeriodSeconds=0`, { method: 'DELETE' });
  };
  const start = performance.now();
  const pods = everyPod();
  const work = async (): Promise<void> => {
    for (let pod = pods.shift(); pod; pod = pods.shift()) await pull(pod);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const { user, system } = process.cpuUsage();
  const usage = { cpuMs: (user + system) / 1000, memoryMiB: process.memoryUsage.rss() / 2 ** 20 };
  return { wallMs: performance.now() - start, ...usage, ...counts };
}

/** One image after the other, each to all nodes. */
function everyPod(): ReturnType<typeof podOf>[] {
  return Array.from({ length: FLEET.images }, (_, image) =>
    Array.from({ length: FLEET.nodes }, (__, node) =>
      podOf(`w_${String(image)}`, `node-${String(node + 1)}`),
    ),
  ).flat();
}

function podOf(tag: string, node: string): { readonly metadata: { readonly name: string } } {
  const registry = 'floor.example.org';
  const digest = `sha256:${createHash('sha256').update(tag).digest('hex')}`;
  const reference = `${registry}/lab:${tag}@${digest}`;
  const settings = { namespace: 'floor', pullSecret: undefined, tolerations: [], owner: undefined };
  const pod = buildPrepullPod({ digest, tag, aliases: [], reference, registry }, node, settings);
  return { ...pod, metadata: { ...pod.metadata, name: pod.metadata?.name ?? '' } };
}

process.send?.(await main(process.argv[2] ?? ''));
process.disconnect();
process.exit(0);
