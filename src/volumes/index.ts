export { podMount, podVolume, volumeClaim } from './volume.builder.js';
export type { ConfiguredMount, ConfiguredVolume, VolumeSource } from './volume.js';
