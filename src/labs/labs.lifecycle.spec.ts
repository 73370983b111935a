import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { Cluster } from '../../simulator/cluster.js';
import type { ConfigPiece } from '../../test/gen/settings.gen.js';
import {
  aCreate,
  someRuntimeSettings,
  startLabCluster,
  startRuntime,
  storyOf,
} from '../../test/support/labs-runtime.js';
import type { Runtime } from '../../test/support/labs-runtime.js';
import { until } from '../../test/support/until.js';
import { DeleteFailed, OperationInProgress, UnknownUser } from './labs.errors.js';

/** A cluster and one process on it, for whoever asks for both. */
class Stage {
  private constructor(
    readonly cluster: Cluster,
    readonly runtime: Runtime,
  ) {}

  static async open(lab: ConfigPiece = {}): Promise<Stage> {
    const scripts = {
      'science/missing': { failure: 'imageMissing' },
      'science/hanging': { failure: 'hang' },
      'science/brief': { runMs: 0 },
    } as const;
    const cluster = await startLabCluster({ scripts, timeScale: 0.02 });
    const settings = someRuntimeSettings({ lab });
    const runtime = await startRuntime({ kubeconfig: cluster.kubeconfig('berth'), settings });
    await runtime.readiness.whenReady();
    return new Stage(cluster, runtime);
  }

  async close(): Promise<void> {
    await this.runtime.close();
    await this.cluster.close();
  }

  async spawn(user: string, image?: string): Promise<Awaited<ReturnType<typeof storyOf>>> {
    await this.runtime.labs.create(aCreate(user, image));
    return storyOf(this.runtime.labs, user);
  }

  phase(user: string): Promise<string> {
    return this.runtime.labs.status(user, {}).then(
      ({ phase }) => phase,
      (error: unknown) => {
        if (error instanceof UnknownUser) return 'unknown';
        throw error;
      },
    );
  }

  namespace(user: string): unknown {
    return this.cluster.api.store
      .dump('namespaces')
      .find(({ metadata }) => metadata.name === `userlabs-${user}`);
  }

  /** Puts something into the user's namespace that keeps it from going; call what it returns to let it go. */
  async hold(user: string): Promise<() => Promise<void>> {
    const path = `/api/v1/namespaces/userlabs-${user}/configmaps`;
    await this.api('POST', path, { metadata: { name: 'held', finalizers: ['example.org/held'] } });
    return () => this.api('PATCH', `${path}/held`, { metadata: { finalizers: null } });
  }

  private async api(method: string, path: string, body: object): Promise<void> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await fetch(this.cluster.api.url + path, {
      method,
      headers: { 'content-type': type },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a lab that is deleted', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  });

  afterAll(async () => {
    await stage.close();
  });

  it('goes once, however many ask for it at once', async () => {
    const { labs } = stage.runtime;
    await stage.spawn('amy');

    const errors = await Promise.all(Array.from({ length: 5 }, () => refusal(labs.remove('amy'))));

    expect(errors).toContain(undefined);
    for (const error of errors.filter(Boolean)) expect(error).toBeInstanceOf(UnknownUser);
    expect(await refusal(labs.remove('amy'))).toBeInstanceOf(UnknownUser);
    expect(stage.namespace('amy')).toBeUndefined();
    const alarms = stage.runtime.log.lines.filter(
      ({ level, fields }) => level === 'error' && fields['lab'] === 'amy',
    );
    expect(alarms).toEqual([]);
  });

  it('goes when it has failed', async () => {
    await stage.spawn('ben', 'missing');
    expect(await stage.phase('ben')).toBe('failed');

    await stage.runtime.labs.remove('ben');

    expect(await stage.phase('ben')).toBe('unknown');
    expect(stage.namespace('ben')).toBeUndefined();
  });

  it('is terminating without a URL until nothing is left, joined by who deletes and refused to who creates', async () => {
    const { labs } = stage.runtime;
    await stage.spawn('cyd');
    const release = await stage.hold('cyd');
    const removing = [labs.remove('cyd'), labs.remove('cyd')];
    await until(() => runningOf(stage).every((user) => user !== 'cyd'), 'the stop is recorded');

    const meanwhile = await labs.status('cyd', {});
    const refused = await refusal(labs.create(aCreate('cyd')));
    removing.push(labs.remove('cyd'));
    await release();

    expect(meanwhile).toMatchObject({ phase: 'terminating', internalUrl: null });
    expect(refused).toBeInstanceOf(OperationInProgress);
    await Promise.all(removing);
    expect((await stage.spawn('cyd')).at(-1)?.entry.event).toBe('complete');
  });

  it('tells the contract’s progress of its stop to who reads along', async () => {
    const { labs } = stage.runtime;
    await stage.spawn('dot');
    const release = await stage.hold('dot');
    const removing = labs.remove('dot');
    await until(() => runningOf(stage).every((user) => user !== 'dot'), 'the stop is recorded');

    const stream = await labs.progress('dot', undefined);
    await release();
    const told: unknown[] = [];
    for await (const { entry } of stream.items()) told.push([entry.event, entry.message, entry.progress]);
    await removing;

    expect(told).toEqual([
      ['info', 'Shutting down Kubernetes pod', 25],
      ['info', 'Deleting user namespace', 62],
      ['info', 'Lab for dot deleted', 100],
    ]);
  });

  it('and created at the same moment is there or not, and never half', async () => {
    const { labs } = stage.runtime;
    const users = Array.from({ length: 12 }, (_, index) => `race${String(index)}`);

    const removals = await Promise.all(
      users.map(async (user, index) => {
        const creating = labs.create(aCreate(user));
        // From before its first write until it has long been accepted.
        for (let turn = 0; turn < index * 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        const error = await refusal(labs.remove(user));
        await creating;
        return { user, error };
      }),
    );

    for (const { user, error } of removals) {
      if (error === undefined) {
        expect(await stage.phase(user)).toBe('unknown');
        expect(stage.namespace(user)).toBeUndefined();
      } else {
        expect(error).toBeInstanceOf(UnknownUser);
        expect((await storyOf(labs, user)).at(-1)?.entry.event).toBe('complete');
        await labs.remove(user);
      }
    }
  });

  it('is not called complete when its notebook ends at once, and is replaced by the next create', async () => {
    const ended = await stage.spawn('eve', 'brief');
    expect(ended.at(-1)?.entry.event).toBe('failed');

    const again = await stage.spawn('eve');

    expect(again.map(({ entry }) => entry.message)).toContain('Deleting existing failed lab for eve');
    expect(again.at(-1)?.entry.event).toBe('complete');
  });
});

describe('time limits of a lab', () => {
  let stage: Stage;

  afterEach(async () => {
    await stage.close();
  });

  it('end a spawn that takes too long, in the contract’s words', async () => {
    stage = await Stage.open({ spawnTimeout: '3s' });

    const story = await stage.spawn('amy', 'hanging');

    expect(story.slice(-2).map(({ entry }) => entry.event)).toEqual(['error', 'failed']);
    expect(story.at(-2)?.entry.message).toContain('Lab spawn timed out after 3');
    expect(story.at(-1)?.entry.message).toBe('Lab spawn failed');
    expect(await stage.phase('amy')).toBe('failed');
  });

  it('end the wait for a removal that takes too long, and not the removal', async () => {
    stage = await Stage.open({ deleteTimeout: '1s' });
    const { labs } = stage.runtime;
    await stage.spawn('ben');
    const release = await stage.hold('ben');

    const error = await refusal(labs.remove('ben'));

    expect(error).toBeInstanceOf(DeleteFailed);
    expect(error).toMatchObject({ status: 500, code: 'delete_failed', message: 'Failed to delete lab' });
    expect(await stage.phase('ben')).toBe('terminating');
    expect(errorsOf(stage)).toEqual([
      expect.objectContaining({
        message: 'lab could not be removed in time',
        fields: expect.objectContaining({ user: 'ben', reason: expect.any(String) as string }) as unknown,
      }),
    ]);
    await release();
    await until(() => stage.namespace('ben') === undefined, 'the namespace is gone');
  });

  it('alert nobody when there is no lab to remove', async () => {
    stage = await Stage.open();

    expect(await refusal(stage.runtime.labs.remove('cid'))).toBeInstanceOf(UnknownUser);
    expect(errorsOf(stage)).toEqual([]);
  });
});

const errorsOf = ({ runtime }: Stage) => runtime.log.lines.filter(({ level }) => level === 'error');
const runningOf = ({ runtime }: Stage): readonly string[] => runtime.labs.running();
