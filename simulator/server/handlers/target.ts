import type { Cluster } from '../cluster.js';
import type { ApiRequest, ResourcePath } from '../http/request.js';
import type { Resource } from '../resources/resource.js';

/** Everything a handler needs to know of one request on a resource. */
export interface Target {
  readonly cluster: Cluster;
  readonly resource: Resource;
  readonly path: ResourcePath;
  readonly request: ApiRequest;
}
