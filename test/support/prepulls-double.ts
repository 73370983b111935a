import { Global, Module } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import type { ImagesSettings, Settings } from '../../src/config/index.js';
import { bytes, instant, seconds } from '../../src/common/units.js';
import { PrepullsService } from '../../src/prepuller/prepulls.service.js';
import type { CellView, ImageView, MatrixView, NodeView } from '../../src/prepuller/prepulls.views.js';

const AT = instant(Date.parse('2026-11-21T18:00:00Z'));

export const aCell = (parts: Partial<CellView> = {}): CellView => ({
  digest: 'sha256:1',
  state: 'present',
  reason: 'listed',
  message: '',
  since: AT,
  provenAt: undefined,
  size: bytes(8_000_000_000),
  took: undefined,
  attempts: 0,
  retryAt: undefined,
  ...parts,
});

export const aNodeView = (name: string, parts: Partial<NodeView> = {}): NodeView => ({
  name,
  eligible: true,
  comment: undefined,
  labWaits: false,
  images: [aCell()],
  ...parts,
});

export const anImageView = (parts: Partial<ImageView> = {}): ImageView => ({
  reference: 'registry.example.org/lab:w_1',
  tag: 'w_1',
  name: 'Weekly 1',
  digest: 'sha256:1',
  prepulled: true,
  size: bytes(8_000_000_000),
  nodes: ['node-1'],
  missing: [],
  pulls: { count: 1, median: seconds(95), longest: seconds(95) },
  ...parts,
});

/** Stands where the prepuller would: tells what a spec says. */
export class PrepullsDouble {
  readonly settings: ImagesSettings;
  nodes: readonly NodeView[] = [aNodeView('node-1')];
  images: readonly ImageView[] = [anImageView()];
  private wake: () => void = () => undefined;
  private pending: (readonly string[] | undefined)[] = [];
  closed = 0;

  constructor({ images }: Settings) {
    this.settings = images;
  }

  matrix(): MatrixView {
    return { at: AT, images: this.images, nodes: this.nodes, pulling: 0 };
  }

  node(name: string): NodeView | undefined {
    return this.nodes.find((node) => node.name === name);
  }

  change(nodes: readonly string[] | undefined): void {
    this.pending.push(nodes);
    this.wake();
  }

  follow(): { batches(): AsyncGenerator<readonly string[] | undefined>; close(): void } {
    const isOver = (): boolean => this.closed > 0;
    const next = (): Promise<void> => new Promise((resolve) => (this.wake = resolve));
    const { pending } = this;
    return {
      async *batches() {
        while (!isOver()) {
          if (pending.length === 0) await next();
          for (const nodes of pending.splice(0)) yield nodes;
        }
      },
      close: () => {
        this.closed += 1;
        this.wake();
      },
    };
  }
}

export function prepullsModule(double: PrepullsDouble): Type {
  @Global()
  @Module({ providers: [{ provide: PrepullsService, useValue: double }], exports: [PrepullsService] })
  class PrepullsDoubleModule {}
  return PrepullsDoubleModule;
}
