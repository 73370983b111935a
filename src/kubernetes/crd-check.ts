import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { parseAllDocuments } from 'yaml';
import { Clock } from '../common/clock.js';
import { Deadline } from '../common/deadline.js';
import { Log } from '../common/logger.js';
import { millis } from '../common/units.js';
import type { CallOptions } from './call.js';
import { identityOf } from './meta.js';
import { KubeReader } from './reader.js';
import type { KubeObject, ResourceKind } from './resource.js';
import { KubeWriter } from './writer.js';

export interface RequiredCrd {
  /** `labs.berth.dev` */
  readonly name: string;
  /** The schema number this build was made for. */
  readonly schema: number;
}

export interface CrdProblem {
  readonly name: string;
  readonly problem: 'missing' | 'older' | 'not-established';
  /** The schema number found; 0 where there is none. */
  readonly found?: number | undefined;
  readonly required: number;
}

interface Crd extends KubeObject {
  readonly spec?: unknown;
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const CRDS: ResourceKind<Crd> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
const SCHEMA_LABEL = 'berth.dev/schema';
const ESTABLISHED_WITHIN = millis(30_000);
const LOOK_EVERY = millis(200);

const schemaOf = (crd: Crd): number => Number(crd.metadata?.labels?.[SCHEMA_LABEL] ?? '0') || 0;
const isEstablished = (crd: Crd): boolean =>
  (crd.status?.conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True');

/**
 * Compares our CRDs in the cluster with those this build carries. An older schema is a problem (the server drops the
 * fields it does not know, with a 200); a newer one is not, and is never written over.
 */
@Injectable()
export class CrdCheck {
  constructor(
    private readonly reader: KubeReader,
    private readonly writer: KubeWriter,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The CRDs in the YAML files of `directory`, by name and schema number. */
  async required(directory: string): Promise<readonly RequiredCrd[]> {
    const crds = await readCrds(directory);
    return crds.map((crd) => ({ name: identityOf(crd).name, schema: schemaOf(crd) }));
  }

  /** What start must refuse, one entry a CRD. */
  async check(required: readonly RequiredCrd[], signal?: AbortSignal): Promise<readonly CrdProblem[]> {
    const problems = await Promise.all(required.map((crd) => this.problemOf(crd, signal)));
    return problems.filter((problem) => problem !== undefined);
  }

  /** Creates what is missing, replaces what is older, leaves the rest; waits up to 30 s until all are established. */
  async install(directory: string, signal?: AbortSignal): Promise<void> {
    const crds = await readCrds(directory);
    for (const crd of crds) await this.apply(crd, call(signal));
    const required = crds.map((crd) => ({ name: identityOf(crd).name, schema: schemaOf(crd) }));
    const deadline = new Deadline(this.clock, ESTABLISHED_WITHIN);
    while ((await this.check(required, signal)).length > 0 && !deadline.expired) {
      await this.clock.sleep(LOOK_EVERY, signal);
    }
  }

  private async problemOf(
    { name, schema: required }: RequiredCrd,
    signal: AbortSignal | undefined,
  ): Promise<CrdProblem | undefined> {
    const crd = await this.reader.get(CRDS, { name }, call(signal));
    if (!crd) return { name, problem: 'missing', required };
    const found = schemaOf(crd);
    if (found < required) return { name, problem: 'older', found, required };
    return isEstablished(crd) ? undefined : { name, problem: 'not-established', found, required };
  }

  private async apply(crd: Crd, options: CallOptions): Promise<void> {
    const { name } = identityOf(crd);
    const known = await this.reader.get(CRDS, { name }, options);
    if (!known) {
      await this.writer.createIfAbsent(CRDS, crd, options);
      this.log.info('CRD created', { name, schema: schemaOf(crd) });
    } else if (schemaOf(known) < schemaOf(crd)) {
      await this.writer.patch(
        CRDS,
        { name },
        [
          { op: 'test', path: '/metadata/resourceVersion', value: identityOf(known).version },
          {
            op: 'add',
            path: '/metadata/labels',
            value: { ...known.metadata?.labels, ...crd.metadata?.labels },
          },
          { op: 'replace', path: '/spec', value: crd.spec },
        ],
        options,
      );
      this.log.info('CRD upgraded', { name, from: schemaOf(known), schema: schemaOf(crd) });
    }
  }
}

const call = (signal: AbortSignal | undefined): CallOptions => ({
  priority: 'interactive',
  reason: 'start-check',
  signal,
});

async function readCrds(directory: string): Promise<readonly Crd[]> {
  const files = (await readdir(directory)).filter((file) => /\.ya?ml$/.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return texts
    .flatMap((text) => parseAllDocuments(text))
    .map((document) => document.toJS() as Crd | null)
    .filter((crd): crd is Crd => crd?.kind === CRDS.kind);
}
