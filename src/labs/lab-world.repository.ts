import type { V1Namespace, V1Pod, V1Secret } from '@kubernetes/client-node';
import { Injectable } from '@nestjs/common';

import { AppSettings } from '../config/index.js';
import { Informers, KubeConnection, NAMESPACES, PODS, SECRETS } from '../kubernetes/index.js';
import type { Informer } from '../kubernetes/index.js';
import { isElsewhere, namespaceOf, ownerOf, podOf, slim } from './lab-observed.mapper.js';
import type { NamespaceFacts } from './lab-observed.mapper.js';
import type { Lab } from './lab.js';
import { LabNetwork } from './lab-network.repository.js';
import { LabNodes } from './lab-nodes.repository.js';
import { labKeyOf, labName, objectNames } from './lab.names.js';
import type { LabKey } from './lab.names.js';
import type { LabStand, ObservedLab, ObservedPod, Silence, Terms } from './lab.observed.js';
import { ownership } from './objects/index.js';
import type { LabRemains, SourceSecret } from './objects/index.js';

/** A pod of a lab, with what an adoption would need of it. */
export interface CachedPod {
  readonly observed: ObservedPod;
  readonly pod: LabRemains['pod'];
}

/** A namespace whose name and labels make it some user's, with whatever pod a lab of that user has. */
export interface UserPlace {
  readonly key: LabKey;
  /** Name of the Lab resource it belongs to, or would. */
  readonly name: string;
  readonly namespace: NamespaceFacts;
  readonly pod: CachedPod | undefined;
}

/** What surrounds labs without being theirs, and what leads to them. */
@Injectable()
export class LabSurroundings {
  constructor(
    readonly nodes: LabNodes,
    readonly network: LabNetwork,
  ) {}
}

/** What the cluster holds of labs besides their records: namespaces, pods, nodes, and the Secrets that labs copy. */
@Injectable()
export class LabWorld {
  private readonly namespaces: Informer<NamespaceFacts>;
  private readonly pods: Informer<CachedPod>;
  private readonly sources: ReadonlyMap<string, Informer<SourceSecret>>;
  readonly terms: Terms;

  constructor(
    informers: Informers,
    private readonly settings: AppSettings,
    private readonly connection: KubeConnection,
    private readonly surroundings: LabSurroundings,
  ) {
    this.namespaces = informers.add<V1Namespace, NamespaceFacts>({
      kind: NAMESPACES,
      metadataOnly: true,
      project: (namespace) => namespaceOf(namespace, ownership(namespace)),
      indexes: { lab: (facts) => this.keysOf(facts) },
    });
    this.pods = informers.add<V1Pod, CachedPod>({
      kind: PODS,
      labelSelector: 'nublado.lsst.io/category=lab',
      project: (pod) => ({ observed: podOf(pod), pod: slim(pod) }),
      indexes: { waitingOn: ({ observed }) => (isWaiting(observed) ? [observed.node ?? ''] : []) },
    });
    this.sources = new Map(sourceNames(settings).map((name) => [name, this.sourceOf(informers, name)]));
    this.terms = {
      spawnTimeout: settings.lab.spawnTimeout,
      deleteTimeout: settings.lab.deleteTimeout,
      failedKept: settings.lab.reconcileInterval,
      readiness: settings.berth.readiness,
    };
  }

  get synced(): boolean {
    const sources = Array.from(this.sources.values());
    const { nodes, network } = this.surroundings;
    return [this.namespaces, this.pods, nodes, network, ...sources].every(({ synced }) => synced);
  }

  /** Namespace, pod, node and network of a lab, judged from where that lab stands. */
  observe(lab: Lab): Pick<ObservedLab, 'namespace' | 'pod' | 'node' | 'largestNode' | 'missing'> {
    const { namespace, pod } = this.standOf(lab);
    const { nodes, network } = this.surroundings;
    const node = pod?.node === undefined ? undefined : nodes.stateOf(pod.node);
    const missing = network.missing(this.namesOf(lab));
    return { namespace, pod, node, largestNode: nodes.largest(), missing };
  }

  /** The least of it: what stands in the lab's place, and whose that is. */
  standOf(lab: Lab): LabStand {
    const names = this.namesOf(lab);
    const facts = this.namespaces.get({ name: names.namespace });
    const pod = this.pods.get({ namespace: names.namespace, name: names.pod })?.observed;
    const asker = {
      instance: this.connection.namespace,
      uid: lab.uid,
      operation: lab.wish.operation.id,
      user: names.user,
    };
    return { lab, namespace: facts && { ...facts, owner: ownerOf(facts, asker) }, pod };
  }

  namesOf(lab: Lab): ReturnType<typeof objectNames> {
    const { owner, labName: name } = lab.wish;
    return objectNames(this.settings.lab.namespacePrefix, owner.username, name);
  }

  namespace(name: string): NamespaceFacts | undefined {
    return this.namespaces.get({ name });
  }

  /** Names of the labs that a namespace of this name concerns, whether or not it exists, and whosever it is. */
  namesIn(namespace: string): readonly string[] {
    const facts = this.namespaces.get({ name: namespace });
    return facts ? this.concerned(facts) : this.guessed(namespace);
  }

  /** The user namespaces that would hold the lab of this name. */
  placesOf(name: string): readonly UserPlace[] {
    return this.namespaces.by('lab', name).flatMap((facts) => this.placeOf(facts));
  }

  /** Every namespace that looks like some user's. */
  places(): readonly UserPlace[] {
    return this.namespaces.list().flatMap((facts) => this.placeOf(facts));
  }

  /** Namespaces of labs of ours that the configured `lab.namespacePrefix` does not lead to: nobody looks after them. */
  elsewhere(): readonly string[] {
    const { namespacePrefix } = this.settings.lab;
    return this.namespaces
      .list()
      .filter((facts) => isElsewhere(facts, { instance: this.connection.namespace, namespacePrefix }))
      .map(({ name }) => name);
  }

  /** The Secrets that labs are given parts of, as far as they exist. */
  sourceSecrets(): ReadonlyMap<string, SourceSecret> {
    const found = new Map<string, SourceSecret>();
    for (const [name, informer] of this.sources) {
      const secret = informer.get({ namespace: this.connection.namespace, name });
      if (secret) found.set(name, secret);
    }
    return found;
  }

  /** Calls back with the name of each lab whose namespace or pod changed, or what leads to it was deleted; the returned function ends it. */
  onChange(listener: (name: string) => void): () => void {
    const tell = (names: readonly string[]): void => {
      for (const name of names) listener(name);
    };
    const ends = [
      this.namespaces.onChange(({ value }) => tell(this.concerned(value))),
      this.pods.onChange(({ value }) => tell(this.namesIn(value.observed.namespace))),
      this.onLoss(listener),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  /** Calls back with the name of each lab that lost what leads to it; the returned function ends it. */
  onLoss(listener: (name: string) => void): () => void {
    return this.surroundings.network.onLoss((namespace) => {
      for (const name of this.namesIn(namespace)) listener(name);
    });
  }

  /** Pods of labs that are on silent nodes and had not ended when those were last heard of. */
  silenced(): readonly { readonly pod: ObservedPod; readonly silence: Silence }[] {
    const silent = this.surroundings.nodes.silent();
    if (silent.size === 0) return [];
    return this.pods.list().flatMap(({ observed: pod }) => {
      const { node = '', over } = pod;
      const since = silent.get(node);
      return since === undefined || over ? [] : [{ pod, silence: { node, since } }];
    });
  }

  /** Calls back with each node that falls silent; the returned function ends it. */
  onSilence(listener: (node: string) => void): () => void {
    return this.surroundings.nodes.onSilence(listener);
  }

  /** How many labs' pods were given this node and have yet to start their notebook. */
  waitingOn(node: string): number {
    return this.pods.by('waitingOn', node).length;
  }

  /** Calls back with the node of each lab's pod that changed; the returned function ends it. */
  onNodeChange(listener: (node: string) => void): () => void {
    return this.pods.onChange(({ value }) => {
      if (value.observed.node !== undefined) listener(value.observed.node);
    });
  }

  private concerned(facts: NamespaceFacts): readonly string[] {
    const keys = this.keysOf(facts);
    return keys.length > 0 ? keys : this.guessed(facts.name);
  }

  /** Without labels that lead back to a user, only the name is left; it is the lab's own for all but slugged users. */
  private guessed(namespace: string): readonly string[] {
    const start = `${this.settings.lab.namespacePrefix}-`;
    return namespace.startsWith(start) ? [namespace.slice(start.length)] : [];
  }

  private keysOf(facts: NamespaceFacts): readonly string[] {
    const key = labKeyOf(this.settings.lab.namespacePrefix, facts);
    return key ? [labName(key.username, key.labName)] : [];
  }

  private placeOf(facts: NamespaceFacts): readonly UserPlace[] {
    const { namespacePrefix } = this.settings.lab;
    const key = labKeyOf(namespacePrefix, facts);
    if (!key) return [];
    const names = objectNames(namespacePrefix, key.username, key.labName);
    const pod = this.pods.get({ namespace: facts.name, name: names.pod });
    return [{ key, name: labName(key.username, key.labName), namespace: facts, pod }];
  }

  private sourceOf(informers: Informers, name: string): Informer<SourceSecret> {
    return informers.add<V1Secret, SourceSecret>({
      kind: SECRETS,
      namespace: this.connection.namespace,
      fieldSelector: `metadata.name=${name}`,
      project: (secret) => ({ type: secret.type, data: secret.data ?? {} }),
    });
  }
}

const isWaiting = ({ deletingUntil, notebook, over }: ObservedPod): boolean =>
  !over && deletingUntil === undefined && notebook?.state === 'waiting';

/** The Secrets of our namespace that the configuration names, each once. */
function sourceNames({ lab }: AppSettings): readonly string[] {
  const named = lab.secrets.map((secret) => secret.secretName);
  return Array.from(new Set(lab.pullSecret === undefined ? named : [...named, lab.pullSecret]));
}
