export { mustBeOwn } from './access.guard.js';
export { AuthModule } from './auth.module.js';
export { IdentityUnavailable, InvalidToken, PermissionDenied } from './auth.errors.js';
export { IdentityProvider, NOBODY } from './identity.js';
export type { Credentials, Described, NamedUser, UserInfo } from './identity.js';
export { KeyHolders } from './key-holders.js';
export { identityProblem } from './start-problems.js';
export { Whoever } from './whoever.js';
export type { Admitted } from './whoever.js';
