import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startRegistry } from '../../../simulator/registry/index.js';
import type { Registry } from '../../../simulator/registry/index.js';
import { CALL_FAULTS } from '../../support/call-faults.js';
import type { FaultAction } from '../../support/call-faults.js';
import type { Scenario, Stage } from '../../support/converge.js';
import { someRuntimeSettings } from '../../support/labs-runtime.js';
import { QuickClock } from '../../support/quick-clock.js';
import { until } from '../../support/until.js';
import { startRefresh } from './refresh-process.js';
import type { RefreshProcess } from './refresh-process.js';

const [OLD, NEW, OTHER] = ['a', 'b', 'c'].map((letter) => `sha256:${letter.repeat(64)}`) as [
  string,
  string,
  string,
];
const PULLER = { username: 'puller', password: 'hush-hush' };
/** The time in which a registry is given up is over in less than half a second. */
const PACE = 50;
const LIMIT_MS = 60_000;

/** What a registry may do with one request. Answers about Kubernetes are none that it would give. */
export const REGISTRY_FAULTS: Readonly<Record<string, FaultAction>> = {
  '403': { do: 'answer', status: 403, message: 'denied' },
  '429': CALL_FAULTS['429'],
  '500': CALL_FAULTS['500'],
  '503': CALL_FAULTS['503'],
  'reset before': CALL_FAULTS['reset before'],
  'reset after': CALL_FAULTS['reset after'],
  'never answers': { do: 'hang', at: 'before' },
  'answers late': { do: 'hang', at: 'before', ms: 50 },
  'wrong JSON': { do: 'answer', status: 200, body: { tags: 'all', token: 7 } },
  stale: CALL_FAULTS.stale,
};

/** A registry that wants tokens; its tags change once, while the process refreshes by itself. */
class RefreshStage implements Stage<RefreshProcess> {
  private readonly clock = new QuickClock(PACE);
  private readonly folder = mkdtempSync(join(tmpdir(), 'berth-refresh-'));
  private process: RefreshProcess | undefined;
  private host = '';
  private readonly lies: string[] = [];

  private constructor(private readonly registry: Registry) {}

  static async open(): Promise<RefreshStage> {
    const tags = { recommended: OLD, w_2077_43: OLD, w_2077_42: OTHER, r28_0_0: OTHER };
    return new RefreshStage(await startRegistry({ tags, auth: { kind: 'bearer', ...PULLER } }));
  }

  get target(): string {
    return this.registry.url;
  }

  async start(kubeconfig: object): Promise<RefreshProcess> {
    const { clusters } = kubeconfig as { clusters: readonly { cluster: { server: string } }[] };
    this.host = new URL(clusters[0]?.cluster.server ?? '').host;
    const credentials = join(this.folder, this.host.replace(':', '-'));
    writeFileSync(credentials, JSON.stringify({ auths: { [this.host]: PULLER } }));
    const source = { type: 'docker', registry: this.host, repository: this.registry.repository };
    const counts = { numReleases: 0, numWeeklies: 1, numDailies: 0 };
    const images = { source, dockerCredentialsPath: credentials, refreshInterval: '1s', ...counts };
    this.process = await startRefresh(someRuntimeSettings({ images }), this.clock);
    return this.process;
  }

  ready({ images }: RefreshProcess): Promise<void> {
    return until(() => images.state().ageMs !== undefined, 'a catalogue', LIMIT_MS);
  }

  async drive(process: RefreshProcess): Promise<void> {
    const { matrix, images } = process;
    await until(() => matrix.wantedImages().length > 0, 'the first catalogue', LIMIT_MS);
    this.registry.tags.set('recommended', NEW);
    this.registry.tags.set('w_2077_44', NEW);
    const isNews = (): boolean =>
      matrix.wantedImages().some(({ digest, aliases }) => digest === NEW && aliases.includes('recommended'));
    while (!(isNews() && images.state().failure === undefined)) {
      await this.ask(process);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** The last good catalogue stands all the while: the class, once known, means what it meant, or what it means now. */
  private async ask({ images, matrix }: RefreshProcess): Promise<void> {
    if (!matrix.wantedImages().some(({ aliases }) => aliases.includes('recommended'))) return;
    try {
      const { digest } = await images.resolve({ kind: 'class', class: 'recommended' });
      if (![OLD, NEW].includes(digest)) this.lies.push(digest);
    } catch (error) {
      this.lies.push(String(error));
    }
  }

  async check({ log, images }: RefreshProcess): Promise<void> {
    const told = JSON.stringify(log.lines, (_key, value: unknown) =>
      value instanceof Error ? [value.stack, value.cause] : value,
    );
    if (/hush|Bearer|Basic/.test(told)) throw new Error(`a credential is in the log: ${told}`);
    if (this.lies.length > 0) throw new Error(`somebody was told ${this.lies.join(', ')}`);
    const { digest } = await images.resolve({ kind: 'class', class: 'latest-weekly' });
    if (digest !== NEW) throw new Error(`the newest weekly is ${digest}`);
  }

  picture(): unknown {
    const wanted = this.process?.matrix.wantedImages() ?? [];
    return JSON.parse(JSON.stringify({ wanted, state: this.tags() }).replaceAll(this.host, 'REGISTRY'));
  }

  end(process: RefreshProcess): Promise<void> {
    return process.close();
  }

  async close(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    await this.registry.close();
  }

  private tags(): object {
    const { tags, failure } = this.process?.images.state() ?? {};
    return { tags, failure };
  }
}

/** The catalogue of a registry, from nothing and after a change. Every request of it is counted. */
export const REFRESH: Scenario<RefreshProcess> = {
  name: 'refresh',
  fromStart: true,
  prepare: () => RefreshStage.open(),
};
