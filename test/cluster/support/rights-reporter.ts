import { readdir } from 'node:fs/promises';
import type { Reporter, TestModule } from 'vitest/node';
import { readAudit } from '../harness/index.js';
import { Api } from './api.js';
import { boundRights, grantedRights } from './rights.js';
import { judge } from './rights-judge.js';
import type { Provided, SharedCluster } from './shared-cluster.js';

/** As many as a person wants to read. */
const FEW = 20;
const SPECS = 'test/cluster/specs';

/**
 * Holds the whole suite to the rights of the chart: whatever Berth asked of the API server, it asked as the service
 * account of its instance, which is bound to the chart's rights and no others, and nothing was refused for want of one.
 * The other way round, a whole suite must have used every right.
 */
export default class RightsReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const provided = modules[0]?.project.getProvidedContext();
    const cluster: Provided<SharedCluster> | undefined = provided?.realCluster ?? provided?.realNode;
    if (!cluster || 'missing' in cluster) return;
    const { requests, instances, offences, used } = judge(await readAudit(cluster.folder, 'berth/'));
    const granted = await grantedRights();
    const found = [...offences, ...(await this.tooMany(cluster, granted))];
    const left = granted.filter((right) => !used.has(right));
    if (await isWhole(modules)) found.push(...left.map(unused));
    if (left.length < FEW) console.log(left.map((right) => `rights: not used: ${right}`).join('\n'));
    console.log(
      `\nrights: ${String(requests)} requests of Berth in ${String(instances.length)} namespaces, each as its own service account; ${String(granted.length - left.length)} of ${String(granted.length)} rights used, ${String(found.length)} offences`,
    );
    if (found.length === 0) return;
    console.error(found.join('\n'));
    process.exitCode = 1;
  }

  /** Rights that somebody gave an account of Berth beyond the chart's. */
  private async tooMany(cluster: SharedCluster, granted: readonly string[]): Promise<readonly string[]> {
    const api = new Api(cluster);
    const bound = await boundRights(api);
    await api.close();
    return bound
      .filter((right) => !granted.includes(right))
      .map((right) => `bound beyond the chart: ${right}`);
  }
}

const unused = (right: string): string => `granted and never used: ${right}`;

/** Whether these are all the specs of the shared control plane, and each ran well. */
async function isWhole(modules: readonly TestModule[]): Promise<boolean> {
  const files = (await readdir(SPECS)).filter((name) => name.endsWith('.spec.ts'));
  const ran = modules.filter((module) => module.moduleId.includes(SPECS));
  return ran.length === files.length && ran.every((module) => module.state() === 'passed');
}
