/** The front door of the real control plane: everything that specs, the demo and benchmarks may import. */
export { ClusterProblem, MissingToolchain } from './problem.js';
export { startRealCluster, type RealCluster } from './real-cluster.js';
