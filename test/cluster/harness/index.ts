/** The front door of the real control plane: everything that specs, the demo and benchmarks may import. */
export { readAudit, type AuditedRequest } from './audit.js';
export { kubeconfigOf } from './credentials.js';
export { ODD_TAGS, REPOSITORY, UTILITY } from './node/images.js';
export { withdraw } from './node/push.js';
export { NodeHandle } from './node/inside.js';
export { type NodeRegistries } from './node/real-node.js';
export { NoNodeHere } from './node/requirements.js';
export { NODE_ADDRESS } from './node/settings.js';
export { ClusterProblem, MissingToolchain } from './problem.js';
export { startRealCluster } from './real-cluster.js';
