import type { MilliCpu, Bytes } from '../common/units.js';
import type { Group, LabOptions, LabOwner, LabPhase, LabResources, LedgerEntry, Quantities } from './lab.js';

/** What the identity provider says about whoever asks for a lab. */
export interface Requester {
  readonly username: string;
  readonly name: string | null;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly groups: readonly Group[];
  readonly quota?: { readonly cpu: MilliCpu; readonly memory: Bytes; readonly spawn: boolean } | undefined;
}

/** How the request named its image; `field` is the form field, for error locations. */
export type ImageChoice =
  | { readonly kind: 'reference'; readonly reference: string; readonly field: string }
  | { readonly kind: 'tag'; readonly tag: string; readonly field: string }
  | {
      readonly kind: 'class';
      readonly imageClass: 'recommended' | 'latest-release' | 'latest-weekly' | 'latest-daily';
      readonly field: string;
    };

/** A validated request for a lab (contract 2.6, after check 3). */
export interface CreateLab {
  readonly user: Requester;
  /** The user's delegated token. Goes into the request Secret and nowhere else. */
  readonly token: string;
  readonly image: ImageChoice;
  readonly size: string;
  readonly enableDebug: boolean;
  readonly resetUserEnv: boolean;
  readonly env: Readonly<Record<string, string>>;
}

/** A lab as the status routes tell it (contract 2.6), in domain units. */
export interface LabStatusView {
  readonly owner: LabOwner;
  /** Reference with digest. */
  readonly image: string;
  readonly size: string;
  readonly options: LabOptions;
  readonly phase: Exclude<LabPhase, 'stopped'>;
  /** Known from acceptance on; null once deletion starts. */
  readonly internalUrl: string | null;
  readonly resources: LabResources;
  readonly quota: Quantities | null;
}

/** Who asks, as far as a status answer depends on it. */
export interface StatusAsker {
  /** A record with another number belongs to somebody who had the name before. */
  readonly uid?: number | undefined;
  /** False where the username is not an element of the path; decides the location of the 404. Default true. */
  readonly inPath?: boolean;
}

export interface ProgressItem {
  /** `<operation>-<number>`; absent on hints such as the place in the queue, which are never stored. */
  readonly id?: string;
  readonly entry: LedgerEntry;
}

/** One reader's view of one operation. */
export interface ProgressStream {
  /** Every entry once, in order, from where the reader asked to begin; ends when the operation ends. One consumer. */
  items(): AsyncIterable<ProgressItem>;
  /** The reader left. Idempotent. */
  close(): void;
}
