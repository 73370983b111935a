import type { AuthSettings } from '../config/index.js';

/** Why this process must not start with these identity settings; one sentence. */
export function identityProblem(
  auth: AuthSettings,
  cluster: { readonly onLoopback: boolean; readonly hasDiscovery: boolean },
): string | undefined {
  if (auth.provider === 'development' && !cluster.onLoopback && !auth.development.allowRemoteCluster) {
    return (
      'berth.auth.provider is development, but the cluster is not on this machine: anybody who has read the ' +
      'configuration would be any user (berth.auth.development.allowRemoteCluster: true accepts that)'
    );
  }
  if (auth.provider === 'gafaelfawr' && auth.gafaelfawrUrl === undefined && !cluster.hasDiscovery) {
    return 'Gafaelfawr cannot be found: set REPERTOIRE_BASE_URL, or berth.auth.gafaelfawrUrl';
  }
  return undefined;
}
