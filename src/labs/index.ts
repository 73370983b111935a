export { LabNodes } from './lab-nodes.repository.js';
export { LabSpawns } from './lab-spawns.js';
export { HomeNotice } from './home-notice.js';
export { LabDryRun } from './dry-run/lab-dry-run.service.js';
export { LabRecordsService } from './history/lab-records.service.js';
export { previewAdoption } from './adoption-preview.js';
export type { AdoptionPreview } from './adoption-preview.js';
export { LabsApiModule } from './labs.api.module.js';
export { LabsMetrics } from './labs.metrics.js';
export { LabsModule } from './labs.module.js';
export { LabsQueue } from './labs.queue.js';
export { LabsReadiness } from './labs.readiness.js';
export { LabsService } from './labs.service.js';
export { RemovalBrake } from './removal-brake.js';
export type {
  CauseGroup,
  CreateLab,
  DryRunView,
  LabHistoryView,
  LabStatusView,
  ProgressItem,
  ProgressStream,
  StatusAsker,
} from './lab.views.js';
export * from './labs.errors.js';
