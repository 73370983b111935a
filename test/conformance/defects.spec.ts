import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { runCase } from './case.js';
import { GROUPS } from './cases/index.js';
import { Client } from './client.js';
import { customDefects } from './defects/custom.defects.js';
import type { Defect, Sign } from './defects/defect.js';
import { watchDefects } from './defects/watch.defects.js';
import { writeDefects } from './defects/write.defects.js';
import { readRecording } from './recording.js';
import { installWidgets } from './widgets.js';

const DEFECTS = [...watchDefects, ...writeDefects, ...customDefects];
const SIMULATOR = join(import.meta.dirname, '..', '..', 'simulator');
/** How long a case waits for an answer, and for one that is not expected to come. */
const PATIENCE_MS = { answers: 15_000, silence: 2_000 } as const;

/** Starts a cluster from modules of its own, one of them spoilt. */
async function startSpoilt(defect: Defect | undefined, needsControllers: boolean): Promise<Running> {
  vi.resetModules();
  const file = defect && join(SIMULATOR, defect.module);
  if (file !== undefined)
    vi.doMock(file, async (importReal: () => Promise<object>) => {
      const real = await importReal();
      return { ...real, ...defect?.spoil(real) };
    });
  const { startCluster } = await import('../../simulator/cluster.js');
  const only = needsControllers ? (['serviceAccounts', 'namespaces', 'owners'] as const) : [];
  const cluster = await startCluster({ only: [...only] });
  if (file !== undefined) vi.doUnmock(file);
  return { url: cluster.api.url, compact: () => cluster.api.store.compact(), close: () => cluster.close() };
}

interface Running {
  readonly url: string;
  compact(): void;
  close(): Promise<void>;
}

/** What differs from the recording: nothing, the answers, or that one never came. */
async function differenceOf(defect: Defect, isSpoilt: boolean): Promise<Sign | 'nothing'> {
  const group = GROUPS.find(({ name }) => name === defect.caughtBy.group);
  const found = group?.cases.find(({ name }) => name === defect.caughtBy.case);
  if (!group || !found) throw new Error(`there is no case "${defect.caughtBy.case}"`);
  const server = await startSpoilt(isSpoilt ? defect : undefined, group.needsControllers ?? false);
  const client = new Client({ url: server.url }, PATIENCE_MS[defect.sign]);
  try {
    await installWidgets(client);
    server.compact();
    const heard = await runCase(found, client).catch((error: unknown) => error as Error);
    if (heard instanceof Error) return 'silence';
    return isDeepStrictEqual(heard, readRecording(group.name).cases[found.name]) ? 'nothing' : 'answers';
  } finally {
    await client.close();
    await server.close();
  }
}

describe('the conformance suite', () => {
  const caught: string[] = [];

  afterEach(() => vi.resetModules());
  afterAll(() => console.log(`seeded defects: ${caught.length} of ${DEFECTS.length} caught`));

  it.each(DEFECTS)('catches it when $name', async (defect) => {
    expect(await differenceOf(defect, true)).toBe(defect.sign);

    caught.push(defect.name);
  });

  /**
   * @promise nothing is special
   * @fault the embedded cluster answers otherwise than the real one: more than thirty defects, each sown into it
   * @outcome the conformance suite catches each of them by its name
   */
  it('catches all of them, each under a name of its own, and at least thirty', () => {
    expect(caught).toEqual(DEFECTS.map(({ name }) => name));
    expect(new Set(caught).size).toBe(caught.length);
    expect(caught.length).toBeGreaterThanOrEqual(30);
  });

  it('cries wolf at no cluster that is in order', async () => {
    const [first] = DEFECTS;

    expect(first && (await differenceOf(first, false))).toBe('nothing');
  });
});
