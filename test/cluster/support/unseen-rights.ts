/** Rights of moments that the suite does not bring about on the real control plane; each says where it is seen. */
export const UNSEEN: ReadonlySet<string> = new Set([
  // The takeover of a file server of Nublado's: src/fileservers/fileservers.adoption.spec.ts
  'patch jobs.batch in our namespace',
  // A conflict over a route's name: src/fileservers
  'get gafaelfawringresses.gafaelfawr.lsst.io in our namespace',
  'get httproutes.gateway.networking.k8s.io in our namespace',
]);
