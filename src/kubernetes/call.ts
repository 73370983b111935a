import type { Millis } from '../common/units.js';
import type { ObjectRef, ResourceKind } from './resource.js';

/** Who waits: everybody (leadership and caches hang on it), a person, a reconciler, or nobody. */
export type Priority = 'vital' | 'interactive' | 'reconcile' | 'background';

export interface CallOptions {
  readonly priority: Priority;
  /** Short constant for the request metric and the log: `lab-create`, `confirm`. */
  readonly reason: string;
  readonly signal?: AbortSignal | undefined;
  /** Bounds the whole call, its waiting in our queue and its repeats included; default 10 s. */
  readonly deadline?: Millis | undefined;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete' | 'deletecollection';

/** One request, as the API server would name it in its audit log. */
export interface KubeRequest {
  readonly verb: Verb;
  readonly kind: ResourceKind;
  readonly ref?: Partial<ObjectRef> | undefined;
  readonly subresource?: string | undefined;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly body?: unknown;
  /** Asks for metadata alone (`PartialObjectMetadata`). */
  readonly metadataOnly?: boolean | undefined;
  /** What a good answer says is of no use to anybody: it is not parsed. */
  readonly unread?: boolean | undefined;
  /** May be sent again although an earlier try perhaps took effect. */
  readonly repeatable: boolean;
  readonly options: CallOptions;
}

/** One try of one request, as told to the observer. */
export interface RequestReport {
  readonly verb: Verb;
  readonly resource: string;
  readonly subresource: string | undefined;
  readonly reason: string;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** From sending to the end of the body; for a watch, to its headers. */
  readonly duration: Millis;
}

/** Receives one report for every request sent, repeats included: the request metric and the write budget. */
export type RequestObserver = (report: RequestReport) => void;

export interface JsonPatchOperation {
  readonly op: 'test' | 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}
