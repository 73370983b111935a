export { AlertingLog } from './alerting-log.js';
export { HealthModule } from './health.module.js';
export { Metrics } from './metrics.js';
export { MetricsServer } from './metrics.server.js';
export { QueueMetrics } from './queue-metrics.js';
export { Readiness } from './readiness.js';
export { SlackAlerts } from './slack-alerts.js';
export { httpObserver, kubernetesObserver } from './request-metrics.js';
