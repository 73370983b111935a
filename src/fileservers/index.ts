export { FilesPageModule, FileserversApiModule } from './fileservers.api.module.js';
export { FileserversMetrics } from './fileservers.metrics.js';
export { FileserversModule } from './fileservers.module.js';
export { FileserversQueue } from './fileservers.queue.js';
export { FileserversReadiness } from './fileservers.readiness.js';
export { FileserversService } from './fileservers.service.js';
export { FsadminService } from './fsadmin.service.js';
export * from './fileservers.errors.js';
