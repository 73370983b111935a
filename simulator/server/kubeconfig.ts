/** A kubeconfig for a server that asks nobody who they are. Plain http needs `insecure-skip-tls-verify` for some clients. */
export function kubeconfigFor(server: string, namespace: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'embedded', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token: 'embedded' } }],
    contexts: [{ name: 'embedded', context: { cluster: 'embedded', user: 'admin', namespace } }],
    'current-context': 'embedded',
  };
}
