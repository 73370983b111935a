export { ImagesModule } from './images.module.js';
export { ImagesService } from './images.service.js';
export { InvalidDockerReference, RegistryUnavailable, UnknownImage } from './images.errors.js';
export { IMAGE_CLASSES } from './image.policy.js';
export type { ImageClass, ImageRequest } from './image.policy.js';
export type { ResolvedImage } from './image.js';
