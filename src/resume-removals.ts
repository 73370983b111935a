import { KubeConnection, KubernetesError } from './kubernetes/index.js';
import { withCluster } from './cluster-context.js';
import { clusterProblem } from './cluster-problem.js';
import { RemovalBrake } from './labs/index.js';
import { StartProblem } from './start-problem.js';

/**
 * Says on the controller's Lease that removals may go on, and resolves with a sentence for the operator. The leader
 * learns it with its next renewal.
 * @throws {StartProblem}
 */
export function resumeRemovals(kubeconfig: string | undefined): Promise<string> {
  const context = { kubeconfig, identity: 'resume-removals', providers: [RemovalBrake] };
  return withCluster(context, async (app) => {
    const { namespace, server } = app.get(KubeConnection);
    try {
      const stopped = await app.get(RemovalBrake).resume();
      if (!stopped)
        return `Removals were not stopped in namespace ${namespace}; they are counted from nothing.`;
      return `Removals go on in namespace ${namespace}. They were stopped since ${stopped.since}: ${stopped.evidence}.`;
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const missing =
        error.verdict === 'absent' ? 'there is no controller: its Lease is missing' : error.apiMessage;
      const refusal = `Nothing was resumed in namespace ${namespace} at ${server}: ${missing}`;
      throw new StartProblem([clusterProblem(error, server) ?? refusal]);
    }
  });
}
