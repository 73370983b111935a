import type { Rule } from '../cursor.js';
import { nodeTerms, podTerms } from './affinity.rules.js';
import {
  developmentUsers,
  fileserverNamespace,
  fileserverNeeds,
  fileserverPublication,
  kafkaMetrics,
  lanes,
  leaseOutlastsWrites,
  pathPrefixes,
  watchLife,
  wayBack,
} from './file.rules.js';
import {
  containerNames,
  labelsAndAnnotations,
  objectNames,
  podVolumeNames,
} from './kubernetes-names.rules.js';
import { homeVolume, labReferences, labSecrets, labSizes } from './lab.rules.js';
import { fileContents, fsadminVolumes, mountPoints, subPaths, volumeSources } from './mounts.rules.js';
import { nodeAffinity, otherResources, tolerations } from './scheduling.rules.js';

/** Everything that no single value can say about itself: cross-checks, and what Kubernetes would refuse. */
export const RULES: readonly Rule[] = [
  labReferences,
  labSizes,
  labSecrets,
  homeVolume,
  podVolumeNames,
  containerNames,
  objectNames,
  labelsAndAnnotations,
  mountPoints,
  subPaths,
  volumeSources,
  fileContents,
  fsadminVolumes,
  tolerations,
  nodeAffinity,
  nodeTerms,
  podTerms,
  otherResources,
  kafkaMetrics,
  watchLife,
  wayBack,
  fileserverNeeds,
  fileserverNamespace,
  fileserverPublication,
  pathPrefixes,
  developmentUsers,
  lanes,
  leaseOutlastsWrites,
];
