/** The front door of the real control plane: everything that specs, the demo and benchmarks may import. */
export { readAudit } from './audit.js';
export { kubeconfigOf } from './credentials.js';
export { ClusterProblem, MissingToolchain } from './problem.js';
export { startRealCluster } from './real-cluster.js';
