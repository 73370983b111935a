export { classesToJudge, fleetingFiles } from './reclaim.policy.js';
export type { FleetingFiles, LabStorage } from './reclaim.policy.js';
export { podMount, podVolume, volumeClaim } from './volume.builder.js';
export type { ConfiguredMount, ConfiguredVolume } from './volume.js';
