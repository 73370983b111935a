export { LabsApiModule } from './labs.api.module.js';
export { LabsMetrics } from './labs.metrics.js';
export { LabsModule } from './labs.module.js';
export { LabsReadiness } from './labs.readiness.js';
export { LabsService } from './labs.service.js';
export { RemovalBrake } from './removal-brake.js';
export type { CreateLab, LabStatusView, ProgressItem, ProgressStream, StatusAsker } from './lab.views.js';
export * from './labs.errors.js';
