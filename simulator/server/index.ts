/** The API server in miniature: Kubernetes' HTTP API over storage in memory. It knows nothing about running pods. */
export type { ApiServer, ApiServerOptions, RequestRecord } from './api-server.js';
export { startApiServer } from './api-server.js';
export { kubeconfigFor } from './kubeconfig.js';
export { parseResourcePath, verbOf } from './http/request.js';
