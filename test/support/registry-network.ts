/** Straight to the registry: no proxy, no redirect to elsewhere, the usual authorities. */
export const STRAIGHT = {
  proxies: { http: undefined, https: undefined, exceptions: undefined },
  caPath: undefined,
  redirectHosts: [],
};
