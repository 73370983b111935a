import type { Bytes, Instant, MilliCpu } from '../common/units.js';
import type { Group, Owner } from '../common/record.js';
import type {
  Addressee,
  LabOptions,
  LabPhase,
  LabResources,
  LabWish,
  LedgerEntry,
  Quantities,
} from './lab.js';

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
  readonly owner: Owner;
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
  /** A record with another number belongs to somebody who had the name before; none is `NOBODY`'s. */
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

/** One life that is over. */
export interface LifeView {
  readonly operationId: string;
  readonly image: string;
  readonly size: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** Reason code of its end. */
  readonly end: string;
  /** In words, with the last words of what crashed. */
  readonly cause: string | null;
  readonly remedy: string | null;
  readonly who: Addressee | null;
}

/** The life that goes on. */
export interface PresentLife {
  readonly operationId: string;
  readonly image: string;
  readonly size: string;
  readonly startedAt: Instant;
  readonly phase: LabPhase;
  /** What went wrong in it last, if anything did. */
  readonly cause: string | null;
  readonly remedy: string | null;
}

/** Why did my lab die? The latest life first. */
export interface LabHistoryView {
  readonly username: string;
  readonly current: PresentLife | null;
  readonly lives: readonly LifeView[];
}

/** Labs that wait, failed, or are out of reach for one reason. */
export interface CauseGroup {
  readonly reason: string;
  readonly count: number;
  readonly waiting: number;
  readonly failed: number;
  /** Those that run, as far as anybody knows: their node is silent. */
  readonly running: number;
  /** As the latest of them was told. */
  readonly message: string;
  readonly remedy: string | null;
  readonly who: Addressee | null;
  /** Some of whom it concerns. */
  readonly users: readonly string[];
  /** When the first of them met it. */
  readonly since: Instant;
  /** How many met it in the last five minutes. */
  readonly recent: number;
  /** How many it is now against five minutes ago; labs that are stopped count neither now nor then. */
  readonly trend: 'rising' | 'steady' | 'falling';
}

/** What would refuse a request: at once with `status`, or in the spawn if that is null. */
export interface Refusal {
  readonly status: number | null;
  readonly code: string;
  readonly message: string;
  readonly location: readonly (string | number)[] | null;
}

/** What would come of a request, had it been meant. */
export interface DryRunView {
  /** Undefined if the request was refused before it was understood. */
  readonly wish: LabWish | undefined;
  /** Undefined for whoever has no quota, and for a size that is none. */
  readonly quota: QuotaEffect | undefined;
  readonly nodes: readonly {
    readonly name: string;
    readonly eligible: boolean;
    readonly comment: string | null;
    /** The image is there. */
    readonly isPresent: boolean;
  }[];
  /** In the order of creation, secrets masked. */
  readonly objects: readonly object[];
  readonly refusals: readonly Refusal[];
}

/** A person's quota, and what a size takes of it, which may be more than there is. */
export interface QuotaEffect {
  readonly limit: Quantities;
  readonly wanted: Quantities;
}
