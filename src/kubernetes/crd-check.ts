import { Injectable } from '@nestjs/common';

export interface RequiredCrd {
  /** `labs.berth.dev` */
  readonly name: string;
  /** The schema number this build was made for. */
  readonly schema: number;
}

export interface CrdProblem {
  readonly name: string;
  readonly problem: 'missing' | 'older' | 'not-established';
  /** The schema number found. */
  readonly found?: number | undefined;
  readonly required: number;
}

/** Compares our CRDs in the cluster with the ones this build carries. */
@Injectable()
export class CrdCheck {
  /** The CRDs in the YAML files of `directory`, by name and schema number. */
  required(directory: string): Promise<readonly RequiredCrd[]> {
    throw new Error(`not written yet: ${directory}`);
  }
  check(required: readonly RequiredCrd[], signal?: AbortSignal): Promise<readonly CrdProblem[]> {
    throw new Error(`not written yet: ${required.length} ${String(signal?.aborted)}`);
  }
  /** Creates what is missing, replaces what is older, leaves what is newer; resolves when all are established. */
  install(directory: string, signal?: AbortSignal): Promise<void> {
    throw new Error(`not written yet: ${directory} ${String(signal?.aborted)}`);
  }
}
