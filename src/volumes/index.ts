export { podMount, podVolume, volumeClaim } from './volume.builder.js';
export type { ConfiguredMount, ConfiguredVolume } from './volume.js';
