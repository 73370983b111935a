import { Injectable } from '@nestjs/common';
import { millis } from '../common/units.js';
import type { ImagesSettings } from '../config/index.js';
import { PrepullerContext } from './prepuller.context.js';
import { PrepullsChanges } from './prepulls.changes.js';
import { imageView, nodeView } from './prepulls.view.mapper.js';
import { PrepullsView } from './prepulls.view.js';
import type { MatrixView, NodeView } from './prepulls.views.js';

/** What is told of prepulling; from caches, on every replica. */
@Injectable()
export class PrepullsService {
  constructor(
    private readonly view: PrepullsView,
    private readonly context: PrepullerContext,
  ) {}

  /** What is configured of images, for whoever asks why one is wanted. */
  get settings(): ImagesSettings {
    return this.context.settings.images;
  }

  /** Everything, now. */
  matrix(): MatrixView {
    const { matrix, pulls } = this.view;
    const nodes = matrix.allRows().flatMap(({ name }) => this.node(name) ?? []);
    return {
      at: this.context.clock.now(),
      images: matrix.wantedImages().map((image) => imageView(image, nodes, matrix.isPrepulled(image.digest))),
      nodes,
      pulling: pulls.allPulls().filter(({ end }) => !end).length,
    };
  }

  /** Undefined for a node that is gone, or that labs are not meant for. */
  node(name: string): NodeView | undefined {
    const { matrix, pulls, spawns } = this.view;
    const row = matrix.row(name);
    if (!row) return undefined;
    const known = { row, record: pulls.recordOf(name), labWaits: spawns.waitOn(name) };
    return nodeView(known, this.context.settings.berth.prepull);
  }

  /** The changes from now on, until they are closed. */
  follow(): PrepullsChanges {
    const { clock } = this.context;
    return new PrepullsChanges(this.view.matrix, (done) => clock.after(GATHER, done));
  }
}

/** Changes that come together are told together; a person sees no difference. */
const GATHER = millis(500);
