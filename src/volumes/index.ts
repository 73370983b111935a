export type { ConfiguredMount, ConfiguredVolume, VolumeSource } from './volume.js';
