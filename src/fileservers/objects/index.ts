export { GAFAELFAWR_INGRESSES, HTTP_ROUTES, INGRESSES, JOBS } from './kinds.mapper.js';
export type { HttpRoute } from './kinds.mapper.js';
export { FSADMIN, buildFsadminClaims, buildFsadminPod } from './fsadmin.builder.js';
export type { FsadminBuildInput } from './fsadmin.builder.js';
export { VERIFY_URL } from './server-job.builder.js';
export { buildClaims, buildKey, buildPart, kindOf, serverUrl } from './server-objects.builder.js';
export type { ServerObject } from './server-objects.builder.js';
export type { ServerBuildInput } from './server-scope.builder.js';
