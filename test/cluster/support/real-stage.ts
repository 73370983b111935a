import { OneHub } from '../../faults/support/one-hub.js';
import type { Scenario, Stage } from '../../support/converge.js';
import { someRuntimeSettings, startRuntime, type Runtime } from '../../support/labs-runtime.js';
import { PATIENT_LEASE } from '../../support/room-scenario.js';
import { Api } from './api.js';
import { installCrds } from './crds.js';
import { freshNamespace } from './namespaces.js';
import { RealPicture } from './real-picture.js';
import { ACCOUNT, grantRights } from './rights.js';
import { kubeconfigFor, type SharedCluster } from './shared-cluster.js';

const USER = 'rachel';

/** What a client does on a stage. Called again with the next process after a crash. */
type Script = (stage: RealStage, runtime: Runtime) => Promise<void>;

/** One user's lab, of an instance of its own on the shared cluster, with exactly the rights of the chart. */
class RealStage extends OneHub implements Stage<Runtime> {
  readonly world: RealPicture;

  private constructor(
    private readonly cluster: SharedCluster,
    private readonly api: Api,
    private readonly instance: string,
    private readonly script: Script,
  ) {
    super(USER);
    this.world = new RealPicture(api, instance);
  }

  /** @param before what some healthy process did earlier */
  static async open(cluster: SharedCluster, script: Script, before?: Script): Promise<RealStage> {
    const api = new Api(cluster);
    await installCrds(api);
    const instance = await freshNamespace(api, 'crash');
    const ours = await grantRights(api, cluster, instance);
    if (before) {
      const past = new RealStage(ours, api, instance, before);
      const runtime = await past.start(kubeconfigFor(ours, instance, ACCOUNT));
      await past.drive(runtime);
      await past.end(runtime);
    }
    return new RealStage(ours, api, instance, script);
  }

  get target(): string {
    return this.cluster.url;
  }

  get entry(): NonNullable<Stage<Runtime>['entry']> {
    const { ca, users } = this.cluster;
    return { ca, token: users[ACCOUNT] ?? '', namespace: this.instance };
  }

  start(kubeconfig: object): Promise<Runtime> {
    const settings = someRuntimeSettings({
      lab: { namespacePrefix: this.instance, reconcileInterval: '2h' },
    });
    return startRuntime({ kubeconfig, settings, identity: 'mortal', lease: PATIENT_LEASE });
  }

  ready(runtime: Runtime): Promise<void> {
    return runtime.readiness.whenReady();
  }

  async drive(runtime: Runtime): Promise<void> {
    await runtime.readiness.whenReady();
    await this.script(this, runtime);
  }

  /** How many lives it took, and which words, is another matter. */
  async picture(): Promise<unknown> {
    const { objects, record } = await this.world.of(USER);
    return { objects, record: { ...record, past: undefined } };
  }

  end(runtime: Runtime): Promise<void> {
    return runtime.close();
  }

  close(): Promise<void> {
    return this.api.close();
  }
}

const spawning: Script = async (stage, runtime) => {
  await stage.spawn(runtime);
  await stage.world.requestServed(USER);
};

const stopping: Script = async (stage, runtime) => {
  await stage.remove(runtime);
  await stage.world.filed(USER);
};

/** Many at a time: most of what they do is wait, for the kubelets or for a namespace to be gone. */
const AT_ONCE = 10;
/** Far beyond what it takes: a minute on two idle cores. */
const LIMIT_MS = 600_000;

export const realSpawn = (cluster: SharedCluster): Scenario<Runtime> => ({
  name: 'spawn on a real control plane',
  prepare: () => RealStage.open(cluster, spawning),
  atOnce: AT_ONCE,
  limitMs: LIMIT_MS,
});

export const realStop = (cluster: SharedCluster): Scenario<Runtime> => ({
  name: 'stop on a real control plane',
  prepare: () => RealStage.open(cluster, stopping, spawning),
  atOnce: AT_ONCE,
  limitMs: LIMIT_MS,
});
