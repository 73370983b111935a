export { LabsApiModule } from './labs.api.module.js';
export { LabsService } from './labs.service.js';
export type {
  CreateLab,
  ImageChoice,
  LabStatusView,
  ProgressItem,
  ProgressStream,
  Requester,
  StatusAsker,
} from './lab.views.js';
export * from './labs.errors.js';
