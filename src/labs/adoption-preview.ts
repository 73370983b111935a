import type { Instant } from '../common/units.js';
import type { LabSettings } from '../config/index.js';
import { CONFIG_MAPS, NAMESPACES, PODS, RESOURCE_QUOTAS } from '../kubernetes/index.js';
import type { KubeReader } from '../kubernetes/index.js';
import { isElsewhere, namespaceOf, podOf } from './lab-observed.mapper.js';
import type { NamespaceFacts } from './lab-observed.mapper.js';
import { decideOrphan } from './lab.adoption.policy.js';
import { labKeyOf, labName, objectNames } from './lab.names.js';
import type { LabKey } from './lab.names.js';
import { LABS } from './lab.resource.js';
import { ownership, rebuildLab } from './objects/index.js';
import type { Rebuilding } from './objects/index.js';

/** What would become of one user's namespace. */
export interface AdoptionPreview {
  readonly namespace: string;
  readonly username: string;
  /** `adopt`: becomes ours as it is; `leave`: not touched; `ours`: has its record already. */
  readonly fate: 'adopt' | 'leave' | 'ours' | 'malformed';
  /** In words: what it is, or why it is left alone. */
  readonly sentence: string;
}

export interface PreviewTerms {
  readonly instance: string;
  /** Before the first start there is nothing to keep records in. */
  readonly hasRecords: boolean;
  readonly lab: Pick<LabSettings, 'namespacePrefix' | 'sizes' | 'spawnTimeout'>;
  readonly now: Instant;
}

const CALL = { priority: 'interactive', reason: 'adopt-preview' } as const;

/** Reads what an adoption would find, and writes nothing. @throws {KubernetesError} */
export async function previewAdoption(
  reader: KubeReader,
  terms: PreviewTerms,
): Promise<readonly AdoptionPreview[]> {
  const { hasRecords, instance, lab } = terms;
  const labs = hasRecords ? await reader.list(LABS, { namespace: instance }, CALL) : [];
  const recorded = new Set(labs.map(({ metadata }) => metadata?.name ?? ''));
  const found = await reader.list(NAMESPACES, {}, CALL);
  const previews: AdoptionPreview[] = [];
  for (const namespace of found) {
    const facts = namespaceOf(namespace, ownership(namespace));
    const key = labKeyOf(lab.namespacePrefix, facts);
    if (key) previews.push(await previewOf({ facts, key, reader, terms, recorded }));
    else if (isElsewhere(facts, { instance, namespacePrefix: lab.namespacePrefix }))
      previews.push({
        namespace: facts.name,
        username: facts.user ?? '',
        fate: 'leave',
        sentence: ELSEWHERE,
      });
  }
  return previews;
}

interface Candidate {
  readonly facts: NamespaceFacts;
  readonly key: LabKey;
  readonly reader: KubeReader;
  readonly terms: PreviewTerms;
  readonly recorded: ReadonlySet<string>;
}

async function previewOf(candidate: Candidate): Promise<AdoptionPreview> {
  const { facts, key, terms, recorded } = candidate;
  const told = { namespace: facts.name, username: key.username };
  if (recorded.has(labName(key.username, key.labName)))
    return { ...told, fate: 'ours', sentence: 'has its record already' };
  const { pod, rebuilding } = await remainsOf(candidate);
  const { lab } = terms;
  const decision = decideOrphan(
    { namespace: facts, pod },
    { instance: terms.instance, spawnTimeout: lab.spawnTimeout },
    terms.now,
  );
  if (decision.kind !== 'adopt')
    return { ...told, fate: 'leave', sentence: REASONS[decision.reason] ?? decision.reason };
  if (rebuilding.kind === 'malformed')
    return {
      ...told,
      fate: 'malformed',
      sentence: `lacks its ${rebuilding.missing}: cannot be adopted, and is left alone`,
    };
  const { phase, size, image } = rebuilding.lab;
  return { ...told, fate: 'adopt', sentence: `${phase}, size ${size}, image ${image}` };
}

async function remainsOf({ facts, key, reader, terms }: Candidate): Promise<{
  readonly pod: ReturnType<typeof podOf> | undefined;
  readonly rebuilding: Rebuilding;
}> {
  const namespace = facts.name;
  const names = objectNames(terms.lab.namespacePrefix, key.username, key.labName);
  const [pod, environment, quota] = await Promise.all([
    reader.get(PODS, { namespace, name: names.pod }, CALL),
    reader.get(CONFIG_MAPS, { namespace, name: names.env }, CALL),
    reader.get(RESOURCE_QUOTAS, { namespace, name: names.quota }, CALL),
  ]);
  return {
    pod: pod && podOf(pod),
    rebuilding: rebuildLab({ username: key.username, pod, environment, quota }, terms),
  };
}

const ELSEWHERE =
  'is ours by another lab.namespacePrefix: its lab would be told as gone, and nobody would look after it';

const REASONS: Readonly<Record<string, string>> = {
  namespace_terminating: 'is being deleted',
  another_instance: 'belongs to another Berth',
  not_ours: 'carries neither our marks nor Nublado’s label: never touched',
  incomplete: 'has no pod: left alone',
  too_young: 'is ours, without a record, and may still be in the making',
  remains_without_record: 'is left over from a lab of ours',
};
