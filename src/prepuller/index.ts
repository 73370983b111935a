export { PrepullerApiModule } from './prepuller.api.module.js';
export { PrepullerModule } from './prepuller.module.js';
export { PrepulledImagesMetrics, PrepullsMetrics } from './prepulls.metrics.js';
export { PrepullsQueue } from './prepulls.queue.js';
