export { ImageMatrix } from './image-matrix.js';
export type { NodeRow } from './image-matrix.js';
export { ImagesModule } from './images.module.js';
export { ImagesService } from './images.service.js';
export { InvalidDockerReference, RegistryUnavailable, UnknownImage } from './images.errors.js';
export type { ImageRequest } from './image.policy.js';
export type { ResolvedImage } from './image.js';
export { isPrepulled } from './node-image.js';
export type { NodeImage, PullReport, PullReports } from './node-image.js';
