import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { identityProblem } from './auth/index.js';
import { Log } from './common/logger.js';
import { packageRoot } from './common/package-root.js';
import type { Settings } from './config/index.js';
import {
  AccessCheck,
  CrdCheck,
  KubeConnection,
  KubeReader,
  KubernetesError,
  NAMESPACES,
  PolicyCheck,
} from './kubernetes/index.js';
import type { CrdProblem, RequiredCrd } from './kubernetes/index.js';
import { clusterProblem } from './cluster-problem.js';
import { StartProblem } from './start-problem.js';
import { policyProbes } from './start-policies.js';
import { describeMissing, neededRights } from './start-rights.js';

/** The manifests beside the build: what this build expects of the cluster. */
const CRDS = join(packageRoot, 'helm', 'berth', 'crds');

/** Nobody looks at it where there are no file servers. */
const FILE_SERVERS = 'fileservers.berth.dev';

/**
 * Asks the cluster for everything that would fail later, and less clearly: can it be reached, are our resources there,
 * may we do our work. Looks at nothing of a user's.
 * @throws {StartProblem} naming all that is missing
 */
export async function checkStart(app: INestApplicationContext, settings: Settings): Promise<void> {
  const connection = app.get(KubeConnection);
  const identity = identityProblem(settings.berth.auth, {
    onLoopback: connection.onLoopback,
    hasDiscovery: settings.repertoireBaseUrl !== undefined,
  });
  if (identity !== undefined) throw new StartProblem([identity]);
  try {
    const problems = (
      await Promise.all([missingResources(app, settings), missingRights(app, connection, settings)])
    ).flat();
    if (problems.length === 0) problems.push(...(await missingNamespaces(app, settings)));
    if (problems.length === 0) problems.push(...(await missingPolicies(app, settings)));
    if (problems.length > 0) throw new StartProblem(problems);
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    const { server } = connection;
    const refusal = `The Kubernetes API at ${server} refused a check at start: ${error.apiMessage}`;
    throw new StartProblem([clusterProblem(error, server) ?? refusal]);
  }
}

async function missingResources(app: INestApplicationContext, settings: Settings): Promise<string[]> {
  const check = app.get(CrdCheck);
  try {
    const { installCrds } = settings.berth;
    const isNeeded = (name: string): boolean => settings.fileserver.enabled || name !== FILE_SERVERS;
    const found = installCrds
      ? await check.install(CRDS, isNeeded)
      : await check.check(await check.required(CRDS, isNeeded));
    const others = await check.check(publicationOf(settings));
    return [...found.map(describeCrd), ...others.map(describeOthers)];
  } catch (error) {
    // Whoever lacks this right lacks others: all are named together.
    if (!(error instanceof KubernetesError) || error.status !== 403) throw error;
    return [`Our custom resources can't be looked after: ${error.apiMessage}`];
  }
}

const ADVICE = 'apply helm/berth/crds with kubectl, or set berth.installCrds: true';

function describeCrd({ name, problem, found, required }: CrdProblem): string {
  switch (problem) {
    case 'missing':
      return `The custom resource ${name} is not installed: ${ADVICE}`;
    case 'older':
      return `The custom resource ${name} has schema ${found ?? 0}, and this version needs ${required}: ${ADVICE}`;
    case 'not-established':
      return `The API server has not accepted the custom resource ${name}: kubectl describe crd ${name} says why`;
  }
}

/** Other people's resources that file servers are published by; whatever their schema. */
function publicationOf({ fileserver, berth }: Settings): readonly RequiredCrd[] {
  const names = {
    gafaelfawr: ['gafaelfawringresses.gafaelfawr.lsst.io'],
    ingress: [],
    httproute: ['httproutes.gateway.networking.k8s.io'],
  }[berth.fileservers.publish];
  return fileserver.enabled ? names.map((name) => ({ name, schema: 0 })) : [];
}

const describeOthers = ({ name }: CrdProblem): string =>
  `The custom resource ${name}, by which file servers are published, is not installed: install it, or set berth.fileservers.publish`;

async function missingRights(
  app: INestApplicationContext,
  { namespace }: KubeConnection,
  settings: Settings,
): Promise<string[]> {
  const missing = describeMissing(await app.get(AccessCheck).missing(neededRights(namespace, settings)));
  return missing.length > 0 ? [...missing, RIGHTS_ADVICE] : [];
}

const RIGHTS_ADVICE = 'All rights that Berth needs are in helm/berth/files/rbac.yaml; the chart grants them';

/**
 * Only a refusal proves that a policy is there, bound, and means us. Of our own namespace, without which nobody would ever
 * lead, the same probes tell whether it exists: a kubeconfig may name any.
 */
async function missingPolicies(app: INestApplicationContext, settings: Settings): Promise<string[]> {
  const { namespace } = app.get(KubeConnection);
  const gaps = await app.get(PolicyCheck).missing(policyProbes(namespace));
  if ([...gaps].some(([probe, gap]) => probe.namespace === namespace && gap === 'no_namespace'))
    return [noNamespace('Our own', namespace)];
  const missing = Array.from(gaps.keys(), ({ purpose }) => purpose);
  const sentences = missing.map((what) => `No admission policy ${what}: ${POLICY_ADVICE}`);
  if (settings.berth.admissionPolicies === 'required') return sentences;
  if (missing.length > 0) app.get(Log).warn('admission policies are not in force', { missing });
  return [];
}

const POLICY_ADVICE =
  'install them with the chart (admissionPolicies.enabled), or set berth.admissionPolicies: optional';

const noNamespace = (whose: string, name: string): string =>
  `${whose} namespace ${name} does not exist: kubectl create namespace ${name}`;

/** Without it no file server could be made. */
async function missingNamespaces(app: INestApplicationContext, { fileserver }: Settings): Promise<string[]> {
  if (!fileserver.enabled || fileserver.namespace === app.get(KubeConnection).namespace) return [];
  const { namespace: name } = fileserver;
  const options = { priority: 'interactive', reason: 'start-check' } as const;
  const exists = await app.get(KubeReader).get(NAMESPACES, { name }, options);
  return exists ? [] : [noNamespace('The file servers’', name)];
}
