export * from './resource.js';
export { AccessCheck } from './access-check.js';
export type { AccessNeed } from './access-check.js';
export type {
  CallOptions,
  JsonPatchOperation,
  Priority,
  RequestObserver,
  RequestReport,
  Verb,
} from './call.js';
export { KubeConnection, LEASE_NAME } from './connection.js';
export type { KubernetesOptions, LeaseOptions } from './connection.js';
export { CrdCheck } from './crd-check.js';
export type { CrdProblem, RequiredCrd } from './crd-check.js';
export { Informer } from './informer.js';
export type { ChangeListener, InformerSpec } from './informer.js';
export type { Change } from './store.js';
export { Informers } from './informers.js';
export { KubernetesError } from './kubernetes.error.js';
export type { KubernetesFailure, StatusCause, Verdict } from './kubernetes.error.js';
export { KubernetesModule } from './kubernetes.module.js';
export type { KubernetesAsyncOptions } from './kubernetes.module.js';
export { Leadership } from './leadership.js';
export { LeaseNotes } from './lease-notes.js';
export type { Notes } from './lease-notes.js';
export { PodEvents } from './pod-events.js';
export type { PodEvent } from './pod-event.js';
export { KubeReader } from './reader.js';
export type { ListQuery } from './reader.js';
export { KubeWriter } from './writer.js';
export type { Created, Deleted, DeleteOptions, PatchOptions } from './writer.js';
