import { Injectable } from '@nestjs/common';
import { Metrics, Readiness } from '../health/index.js';
import { ImageStock } from './image-stock.js';

/** Figures of the room, and its line in the answer of `/health/ready`; a stale catalogue never makes us unready. */
@Injectable()
export class ImagesMetrics {
  constructor(metrics: Metrics, readiness: Readiness, stock: ImageStock) {
    measureCatalogue(metrics, stock);
    readiness.alert('images', () => {
      const { failure, ageMs } = stock.state();
      if (failure === undefined) return undefined;
      const age =
        ageMs === undefined ? 'nothing was told yet' : `last told ${Math.round(ageMs / 1000)} s ago`;
      return `the image registry does not tell all: ${failure} (${age})`;
    });
  }
}

function measureCatalogue(metrics: Metrics, stock: ImageStock): void {
  metrics.gauge({
    name: 'berth_images_catalogue_age_seconds',
    help: 'Since the image registry last told its tags; absent until it has.',
    collect() {
      const { ageMs } = stock.state();
      if (ageMs === undefined) this.remove();
      else this.set(ageMs / 1000);
    },
  });
  metrics.gauge({
    name: 'berth_images_tags',
    help: 'Tags that count, as the registry last told.',
    collect() {
      this.set(stock.state().tags);
    },
  });
  metrics.gauge({
    name: 'berth_images_registry_failing',
    help: '1 while the latest refresh of the catalogue was not complete, with the reason.',
    labelNames: ['reason'],
    collect() {
      this.reset();
      const { failure } = stock.state();
      if (failure !== undefined) this.set({ reason: failure }, 1);
    },
  });
}
