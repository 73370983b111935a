import type { V1Node } from '@kubernetes/client-node';
import { Injectable } from '@nestjs/common';
import { AppSettings } from '../config/index.js';
import { Informers, NODES } from '../kubernetes/index.js';
import type { Informer } from '../kubernetes/index.js';
import type { ImageNode } from './image-node.js';
import { imageNodeOf } from './node.mapper.js';
import { isSelected } from './node.policy.js';

/** The nodes that labs are meant for, from a watch. */
@Injectable()
export class NodesRepository {
  private readonly nodes: Informer<ImageNode>;

  constructor(
    informers: Informers,
    private readonly settings: AppSettings,
  ) {
    this.nodes = informers.add<V1Node, ImageNode>({ kind: NODES, project: imageNodeOf });
  }

  get synced(): boolean {
    return this.nodes.synced;
  }

  /** Undefined also for a node that labs are not meant for. */
  get(name: string): ImageNode | undefined {
    const node = this.nodes.get({ name });
    return node && isSelected(node, this.settings.lab) ? node : undefined;
  }

  /** Those that labs are meant for. */
  list(): readonly ImageNode[] {
    return this.nodes.list().filter((node) => isSelected(node, this.settings.lab));
  }

  /** Calls back with the name of each node that came, changed or went. */
  onChange(listener: (name: string) => void): () => void {
    return this.nodes.onChange(({ value }) => listener(value.name));
  }
}
