import type { Cluster } from '../../simulator/cluster.js';
import type { ProgressItem } from '../../src/labs/index.js';
import { stored } from '../support/cluster-shapes.js';
import type { Stored } from '../support/cluster-shapes.js';
import type { Runtime } from '../support/labs-runtime.js';
import type { SoakModel } from './model.js';

interface LabObject extends Stored {
  readonly metadata: Stored['metadata'] & { readonly uid: string };
  readonly spec: { readonly desiredState: string; readonly operation: { readonly id: string } };
  readonly status?: {
    readonly phase: string;
    readonly operation?: { readonly ended?: string | null };
    readonly failure?: { readonly reason: string; readonly cause: string };
    readonly ledger?: readonly { readonly at: string; readonly message: string }[];
  };
}

const labsOf = (cluster: Cluster): readonly LabObject[] =>
  stored(cluster, 'labs.berth.dev') as readonly LabObject[];

const namespaces = (cluster: Cluster): readonly Stored[] =>
  stored(cluster, 'namespaces').filter(({ metadata }) => metadata.name.startsWith('userlabs-'));

/** What is still under way; empty when the system has come to rest. */
export function unsettled(cluster: Cluster): readonly string[] {
  const labs = labsOf(cluster)
    .filter((lab) => !isAtRest(lab))
    .map(({ metadata, status }) => `${metadata.name} is ${status?.phase ?? 'not begun'}`);
  const going = namespaces(cluster).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  const requests = stored(cluster, 'secrets').filter(({ metadata }) =>
    metadata.name.startsWith('lab-request-'),
  );
  return [
    ...labs,
    ...going.map(({ metadata }) => `${metadata.name} is going`),
    ...requests.map(({ metadata }) => `${metadata.name} is there`),
    ...labsOf(cluster).flatMap((lab) => lacking(cluster, lab)),
  ];
}

function isAtRest({ metadata, spec, status }: LabObject): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  if (metadata.labels?.['berth.dev/state'] === 'stopped') return status?.phase === 'stopped';
  return spec.desiredState === 'running' && ['running', 'failed'].includes(status?.phase ?? '');
}

/** What a lab that runs needs and has not. */
function lacking(cluster: Cluster, { metadata, status }: LabObject): readonly string[] {
  if (status?.phase !== 'running') return [];
  const has = (resource: string, name: string): boolean =>
    stored(cluster, resource).some(
      (object) => object.metadata.namespace === `userlabs-${metadata.name}` && object.metadata.name === name,
    );
  const needed = [
    ['pods', `${metadata.name}-nb`],
    ['services', 'lab'],
    ['networkpolicies.networking.k8s.io', `${metadata.name}-nb`],
  ] as const;
  return needed
    .filter(([resource, name]) => !has(resource, name))
    .map(([resource]) => `${metadata.name} runs without its ${resource}`);
}

/** What is wrong with a system at rest. */
export async function violations(
  cluster: Cluster,
  model: SoakModel,
  runtimes: readonly Runtime[],
): Promise<readonly string[]> {
  const labs = labsOf(cluster);
  const orphans = namespaces(cluster)
    .filter(({ metadata }) => !labs.some(({ metadata: lab }) => lab.uid === ownerOf(metadata)))
    .map(({ metadata }) => `${metadata.name} belongs to no record`);
  const lost = Array.from(model.expected).flatMap(([user, expected]) => {
    const status = labs.find(({ metadata }) => metadata.name === user)?.status;
    const phase = status?.phase ?? 'stopped';
    if (expected === undefined || expected === phase) return [];
    const why = [status?.failure, status?.ledger].map((part) => JSON.stringify(part)).join(' ');
    return [`${user} is ${phase}, not ${expected} ${why}`];
  });
  const stories = await Promise.all(labs.map((lab) => storyProblems(lab, model, runtimes)));
  return [...orphans, ...lost, ...stories.flat()];
}

const ownerOf = ({ annotations }: Stored['metadata']): string | undefined =>
  annotations?.['berth.dev/lab-uid'];

/** The story is told the same by all replicas, without a gap, and begins as it was heard. */
async function storyProblems(
  { metadata, spec, status }: LabObject,
  model: SoakModel,
  runtimes: readonly Runtime[],
): Promise<readonly string[]> {
  const user = metadata.name;
  if (spec.desiredState !== 'running' || status?.phase === 'terminated') return [];
  const stories = await Promise.all(runtimes.map((runtime) => told(runtime, user)));
  const [first = []] = stories;
  const texts = stories.map((items) => JSON.stringify(items));
  const differ = new Set(texts).size > 1 ? [`replicas tell different stories: ${texts.join(' / ')}`] : [];
  const numbers = first.map(({ id }) => id?.split('-')[1]);
  const gap = numbers.some((number, index) => number !== String(index + 1))
    ? [`numbers ${numbers.join(' ')}`]
    : [];
  return [...differ, ...gap, ...change(model.told.get(user) ?? [], first)].map((what) => `${user}: ${what}`);
}

/** What was heard of an operation is what is told of it now. */
function change(heard: readonly ProgressItem[], now: readonly ProgressItem[]): readonly string[] {
  if (operationOf(heard[0]) !== operationOf(now[0])) return [];
  const [before, after] = [heard, now.slice(0, heard.length)].map((items) => JSON.stringify(items));
  return before === after ? [] : [`heard ${before ?? ''}, now ${after ?? ''}`];
}

const operationOf = (item: ProgressItem | undefined): string | undefined => item?.id?.split('-')[0];

async function told({ labs }: Runtime, user: string): Promise<readonly ProgressItem[]> {
  const stream = await labs.progress(user, undefined);
  const items: ProgressItem[] = [];
  for await (const item of stream.items()) if (item.id !== undefined) items.push(item);
  return items;
}
