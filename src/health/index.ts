export { HealthModule } from './health.module.js';
export { Metrics } from './metrics.js';
export { MetricsServer } from './metrics.server.js';
export { QueueMetrics } from './queue-metrics.js';
export { Readiness } from './readiness.js';
export { httpObserver, kubernetesObserver } from './request-metrics.js';
