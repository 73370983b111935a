import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { parse } from 'yaml';
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

/** Says of the name of a CRD whether anything here uses it. */
type Needed = (name: string) => boolean;

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

  /** The CRDs in the YAML files of `directory` whose names are needed, with their schema numbers. */
  async required(directory: string, isNeeded: Needed = () => true): Promise<readonly RequiredCrd[]> {
    const manifests = await readManifests(directory, isNeeded);
    return manifests.map(({ name, schema }) => ({ name, schema }));
  }

  /** What start must refuse, one entry a CRD. */
  async check(required: readonly RequiredCrd[], signal?: AbortSignal): Promise<readonly CrdProblem[]> {
    const found = await Promise.all(required.map(({ name }) => this.find(name, signal)));
    return required.flatMap((crd, index) => problemWith(found[index], crd) ?? []);
  }

  /**
   * Creates what is needed and missing, replaces what is older, leaves the rest; waits up to 30 s until all are established.
   * Resolves with what start must refuse all the same, one entry a CRD.
   */
  async install(
    directory: string,
    isNeeded: Needed = () => true,
    signal?: AbortSignal,
  ): Promise<readonly CrdProblem[]> {
    const manifests = await readManifests(directory, isNeeded);
    const found = await Promise.all(manifests.map(({ name }) => this.find(name, signal)));
    for (const [index, manifest] of manifests.entries())
      await this.apply(manifest, found[index], call(signal));
    const deadline = new Deadline(this.clock, ESTABLISHED_WITHIN);
    let problems = manifests.flatMap((crd, index) => problemWith(found[index], crd) ?? []);
    while (problems.length > 0) {
      problems = [...(await this.check(manifests, signal))];
      if (problems.length === 0 || deadline.expired) break;
      await this.clock.sleep(LOOK_EVERY, signal);
    }
    return problems;
  }

  private find(name: string, signal: AbortSignal | undefined): Promise<Crd | undefined> {
    return this.reader.get(CRDS, { name }, call(signal));
  }

  private async apply(
    { name, schema, read }: Manifest,
    known: Crd | undefined,
    options: CallOptions,
  ): Promise<void> {
    if (!known) {
      await this.writer.createIfAbsent(CRDS, read(), options);
      this.log.info('CRD created', { name, schema });
    } else if (schemaOf(known) < schema) {
      const crd = read();
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
      this.log.info('CRD upgraded', { name, from: schemaOf(known), schema });
    }
  }
}

function problemWith(crd: Crd | undefined, { name, schema: required }: RequiredCrd): CrdProblem | undefined {
  if (!crd) return { name, problem: 'missing', required };
  const found = schemaOf(crd);
  if (found < required) return { name, problem: 'older', found, required };
  return isEstablished(crd) ? undefined : { name, problem: 'not-established', found, required };
}

const call = (signal: AbortSignal | undefined): CallOptions => ({
  priority: 'interactive',
  reason: 'start-check',
  signal,
});

/** What is found in a directory of manifests. */
interface Manifest {
  readonly name: string;
  readonly schema: number;
  /** The whole of it. */
  readonly read: () => Crd;
}

async function readManifests(directory: string, isNeeded: Needed): Promise<readonly Manifest[]> {
  const files = (await readdir(directory)).filter((file) => /\.ya?ml$/.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return texts
    .flatMap((text) => text.split(/^---$/m))
    .flatMap((text) => manifestIn(text) ?? [])
    .filter(({ name }) => isNeeded(name));
}

/** Reads what comes before the schema, which is most of it, and for a start that installs nothing worth no time. */
function manifestIn(text: string): Manifest | undefined {
  const head = parse(text.split(/^spec:/m, 1)[0] ?? '') as Crd | null;
  if (head?.kind !== CRDS.kind) return undefined;
  return { name: identityOf(head).name, schema: schemaOf(head), read: () => parse(text) as Crd };
}
