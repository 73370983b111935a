import type { INestApplicationContext } from '@nestjs/common';
import { findClaims } from './cluster-claims.js';
import { withCluster } from './cluster-context.js';
import { clusterProblem } from './cluster-problem.js';
import { reportCheck } from './cli/index.js';
import type { Io } from './cli/index.js';
import { Clock } from './common/clock.js';
import { checkFiles } from './config/index.js';
import type { ConfigFile } from './config/index.js';
import { CrdCheck, KubeConnection, KubeReader, KubernetesError } from './kubernetes/index.js';
import { previewAdoption } from './labs/index.js';
import type { AdoptionPreview } from './labs/index.js';
import { StartProblem } from './start-problem.js';

/** What an operator asks of a cluster before anything is changed there. */
export interface Question {
  readonly file: string;
  readonly extra: string | undefined;
  readonly kubeconfig: string | undefined;
}

/**
 * Judges a configuration file, and what labs would lose on this cluster by it.
 * @returns the exit code: 1 if the file is refused, or if homes would be lost and `berth.acceptEphemeralHome` does not say that this is meant
 * @throws {StartProblem}
 */
export async function checkAgainstCluster({ file, extra, kubeconfig }: Question, io: Io): Promise<number> {
  const checked = checkFiles(file, extra);
  const code = reportCheck(file, checked, io);
  const { content } = checked;
  if (code !== 0 || !content) return code;
  return asked(kubeconfig, 'config-check', async (app) => {
    const { fleeting, unjudged } = await findClaims(app.get(KubeReader), content.lab);
    for (const sentence of unjudged) io.err(`warning: ${sentence}`);
    for (const { sentence } of fleeting) io.out(sentence);
    if (!fleeting.some(({ isHome }) => isHome) || content.berth.acceptEphemeralHome) return 0;
    io.out(
      'Homes would be lost: keep them elsewhere, or set berth.acceptEphemeralHome: true if that is meant',
    );
    return 1;
  });
}

/** Lists what an adoption would find, and writes nothing. @returns the exit code @throws {StartProblem} */
export async function rehearseAdoption({ file, extra, kubeconfig }: Question, io: Io): Promise<number> {
  const { content, problems } = checkFiles(file, extra);
  if (!content) {
    const files = extra === undefined ? file : `${file} --berth-config ${extra}`;
    io.err(
      `${file} is refused (problems: ${String(problems.length)}): berth config check ${files} names them`,
    );
    return 1;
  }
  return asked(kubeconfig, 'adopt-dry-run', async (app) => {
    const hasRecords = await keepsRecords(app);
    if (!hasRecords)
      io.err(
        `warning: The custom resource ${RECORDS.name} is not installed: kubectl apply -f helm/berth/crds`,
      );
    const terms = {
      instance: app.get(KubeConnection).namespace,
      hasRecords,
      now: app.get(Clock).now(),
      lab: labOf(content),
    };
    const previews = await previewAdoption(app.get(KubeReader), terms);
    for (const { fate, namespace, sentence } of previews) io.out(`${fate}\t${namespace}\t${sentence}`);
    io.out(summary(previews));
    return 0;
  });
}

const RECORDS = { name: 'labs.berth.dev', schema: 0 };

/** This is asked before anything is installed, too. Who may not look learns the rest from the list itself. */
async function keepsRecords(app: INestApplicationContext): Promise<boolean> {
  try {
    const problems = await app.get(CrdCheck).check([RECORDS]);
    return problems.every(({ problem }) => problem !== 'missing');
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 403) return true;
    throw error;
  }
}

const labOf = ({ lab }: ConfigFile) => ({
  namespacePrefix: lab.namespacePrefix,
  spawnTimeout: lab.spawnTimeout,
  sizes: lab.sizes ?? [],
});

const FATES = ['adopt', 'ours', 'leave', 'malformed'] as const;
const summary = (previews: readonly AdoptionPreview[]): string =>
  FATES.map((fate) => `${fate}: ${String(previews.filter((one) => one.fate === fate).length)}`).join(', ');

function asked(
  kubeconfig: string | undefined,
  identity: string,
  work: (app: INestApplicationContext) => Promise<number>,
): Promise<number> {
  return withCluster({ kubeconfig, identity }, async (app) => {
    try {
      return await work(app);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const { server } = app.get(KubeConnection);
      const refusal = `The Kubernetes API at ${server} does not say: ${error.apiMessage}`;
      throw new StartProblem([clusterProblem(error, server) ?? refusal]);
    }
  });
}
