import type { V1Node } from '@kubernetes/client-node';
import { Injectable } from '@nestjs/common';

import type { Instant } from '../common/units.js';
import { Informers, NODES } from '../kubernetes/index.js';
import type { Informer } from '../kubernetes/index.js';
import { silenceOf, sizeOf } from './lab-observed.mapper.js';
import type { Quantities } from './lab.js';
import type { NodeState } from './lab.observed.js';

interface NodeFacts {
  readonly name: string;
  readonly silentSince: Instant | undefined;
  readonly size: Quantities;
}

/** The nodes on which pods of ours run. */
@Injectable()
export class LabNodes {
  private readonly nodes: Informer<NodeFacts>;
  private most: Quantities | undefined;

  constructor(informers: Informers) {
    this.nodes = informers.add<V1Node, NodeFacts>({
      kind: NODES,
      project: (node) => ({
        name: node.metadata?.name ?? '',
        silentSince: silenceOf(node),
        size: sizeOf(node),
      }),
    });
    this.nodes.onChange(() => (this.most = undefined));
  }

  get synced(): boolean {
    return this.nodes.synced;
  }

  /** `not_ready` is also what a node is called that nobody hears of: it may be alive. */
  stateOf(name: string): NodeState {
    const node = this.nodes.get({ name });
    return node ? (isSilent(node) ? 'not_ready' : 'ready') : 'gone';
  }

  /** Nodes that are not ready, or that nobody hears of, and since when. */
  silent(): ReadonlyMap<string, Instant> {
    const found = new Map<string, Instant>();
    for (const { name, silentSince } of this.nodes.list())
      if (silentSince !== undefined) found.set(name, silentSince);
    return found;
  }

  /** Calls back with each node that falls silent; the returned function ends it. */
  onSilence(listener: (node: string) => void): () => void {
    return this.nodes.onChange(({ kind, value, previous }) => {
      if (kind !== 'deleted' && isSilent(value) && !(previous && isSilent(previous))) listener(value.name);
    });
  }

  /**
   * The most of each resource that a node has, be it of different nodes: what is too large for it is too large for each.
   * Counted again after a node changed, not at each look at a lab.
   */
  largest(): Quantities | undefined {
    const sizes = this.most ? [] : this.nodes.list().map(({ size }) => size);
    for (const size of sizes) this.most = this.most ? most(this.most, size) : size;
    return this.most;
  }
}

const most = (one: Quantities, other: Quantities): Quantities => ({
  cpu: one.cpu > other.cpu ? one.cpu : other.cpu,
  memory: one.memory > other.memory ? one.memory : other.memory,
});

const isSilent = ({ silentSince }: NodeFacts): boolean => silentSince !== undefined;
