import { Injectable } from '@nestjs/common';

/** One right, as RBAC would name it. */
export interface AccessNeed {
  readonly verb: string;
  readonly group: string;
  /** `pods`, `labs/status`. */
  readonly resource: string;
  /** Absent: in all namespaces, or cluster-scoped. */
  readonly namespace?: string | undefined;
}

/** Asks the API server what we may do. */
@Injectable()
export class AccessCheck {
  /** Those of `needs` that we lack. One small request each. */
  missing(needs: readonly AccessNeed[], signal?: AbortSignal): Promise<readonly AccessNeed[]> {
    throw new Error(`not written yet: ${needs.length} ${String(signal?.aborted)}`);
  }
}
