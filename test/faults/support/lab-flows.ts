import type { Cluster } from '../../../simulator/cluster.js';
import type { Scenario, Stage } from '../../support/converge.js';
import { aCreate, someRuntimeSettings, startLabCluster, startRuntime } from '../../support/labs-runtime.js';
import type { Runtime } from '../../support/labs-runtime.js';
import { PATIENT_LEASE } from '../../support/room-scenario.js';
import { QuickClock } from '../../support/quick-clock.js';
import { until } from '../../support/until.js';
import { labOf, pictureOf } from './cluster-picture.js';
import { OneHub } from './one-hub.js';

export const USER = 'rachel';

const settings = someRuntimeSettings({ lab: { reconcileInterval: '2h' } });

/** A cluster and the processes on it, all by one clock; a quick one lets minutes of patience pass in seconds. */
export async function quickCluster(
  factor = 1,
  capacity?: Record<string, string>,
): Promise<{ readonly cluster: Cluster; readonly clock: QuickClock }> {
  const clock = new QuickClock(factor);
  const scripts = { 'science/missing': { failure: 'imageMissing' } } as const;
  const server = { clock: () => clock.now() };
  const cluster = await startLabCluster({
    scripts,
    timeScale: 0.01,
    namespaceMinimumMs: 5,
    server,
    ...(capacity && { capacity }),
  });
  return { cluster, clock };
}

export function quickRuntime(clock: QuickClock, kubeconfig: object): Promise<Runtime> {
  return startRuntime({ kubeconfig, settings, identity: 'mortal', clock, lease: PATIENT_LEASE });
}

/** One user's lab on a cluster of its own, and the Hub in front of it. */
export class LabStage extends OneHub implements Stage<Runtime> {
  constructor(
    readonly cluster: Cluster,
    readonly clock: QuickClock,
    private readonly script: (stage: LabStage, runtime: Runtime) => Promise<void>,
  ) {
    super(USER);
  }

  get target(): string {
    return this.cluster.api.url;
  }

  start(kubeconfig: object): Promise<Runtime> {
    return quickRuntime(this.clock, kubeconfig);
  }

  ready(runtime: Runtime): Promise<void> {
    return runtime.readiness.whenReady();
  }

  async drive(runtime: Runtime): Promise<void> {
    await runtime.readiness.whenReady();
    await this.script(this, runtime);
  }

  picture(): unknown {
    return pictureOf(this.cluster, USER);
  }

  end(runtime: Runtime): Promise<void> {
    return runtime.close();
  }

  close(): Promise<void> {
    return this.cluster.close();
  }

  async stopped(): Promise<void> {
    const state = () => labOf(this.cluster, USER)?.metadata.labels?.['berth.dev/state'];
    await until(() => state() === 'stopped', 'the record is filed', 60_000);
  }
}

/** Makes a stage on which some healthy process did something before. */
async function staged(
  script: (stage: LabStage, runtime: Runtime) => Promise<void>,
  before?: (stage: LabStage, runtime: Runtime) => Promise<void>,
): Promise<LabStage> {
  const { cluster, clock } = await quickCluster();
  const stage = new LabStage(cluster, clock, script);
  if (before) {
    const past = new LabStage(cluster, clock, before);
    const runtime = await past.start(cluster.kubeconfig('berth'));
    await past.drive(runtime);
    await past.end(runtime);
  }
  return stage;
}

const spawning = (stage: LabStage, runtime: Runtime): Promise<void> => stage.spawn(runtime);

async function failing(_stage: LabStage, runtime: Runtime): Promise<void> {
  await runtime.labs.create(aCreate(USER, 'missing'));
  const stream = await runtime.labs.progress(USER, undefined);
  for await (const { entry } of stream.items()) if (entry.event === 'failed') break;
}

async function stopping(stage: LabStage, runtime: Runtime): Promise<void> {
  await stage.remove(runtime);
  await stage.stopped();
}

async function adopting(_stage: LabStage, runtime: Runtime): Promise<void> {
  await until(() => runtime.labs.running().includes(USER), 'the lab is adopted', 60_000);
}

/** As a Nublado controller leaves a lab: running, without a record and without our marks. */
export async function makeNublado(cluster: Cluster, user = USER): Promise<void> {
  const lab = `${cluster.api.url}/apis/berth.dev/v1alpha1/namespaces/berth/labs/${user}`;
  await merge(lab, { metadata: { finalizers: null } });
  await fetch(lab, { method: 'DELETE' });
  await unmark(cluster, user);
}

/** The same of a lab whose record stayed behind when an operator went back to Nublado's controller. */
export async function unmark(cluster: Cluster, user: string): Promise<void> {
  await merge(`${cluster.api.url}/api/v1/namespaces/userlabs-${user}`, { metadata: { annotations: null } });
}

async function merge(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/merge-patch+json' };
  const answer = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

export const SPAWN: Scenario<Runtime> = { name: 'spawn', prepare: () => staged(spawning) };

export const STOP: Scenario<Runtime> = { name: 'stop', prepare: () => staged(stopping, spawning) };

export const RECREATE: Scenario<Runtime> = {
  name: 'recreate over failed',
  prepare: () => staged(spawning, failing),
};

export const ADOPT: Scenario<Runtime> = {
  name: 'adoption',
  fromStart: true,
  prepare: async () => {
    const stage = await staged(adopting, spawning);
    await makeNublado(stage.cluster);
    return stage;
  },
};
