import type { INestApplicationContext } from '@nestjs/common';
import type { Log } from './common/logger.js';
import { KubeReader, KubernetesError, STORAGE_CLASSES } from './kubernetes/index.js';
import { HomeNotice } from './labs/index.js';
import { classesToJudge, fleetingFiles } from './volumes/index.js';
import type { FleetingFiles, LabStorage } from './volumes/index.js';

/** What labs may write to and lose, and what could not be judged. */
export interface ClaimsFound {
  readonly fleeting: readonly FleetingFiles[];
  /** A sentence for each storage class that is missing or may not be read. */
  readonly unjudged: readonly string[];
}

/** Looks at the storage classes that the configuration names: one read each. @throws {KubernetesError} if nobody answers */
export async function findClaims(reader: KubeReader, lab: LabStorage): Promise<ClaimsFound> {
  const policies = new Map<string, string>();
  const unjudged: string[] = [];
  for (const name of classesToJudge(lab)) {
    const found = await policyOf(reader, name);
    if ('policy' in found) policies.set(name, found.policy);
    else unjudged.push(found.problem);
  }
  return { fleeting: fleetingFiles(lab, policies), unjudged };
}

type Found = { readonly policy: string } | { readonly problem: string };

async function policyOf(reader: KubeReader, name: string): Promise<Found> {
  try {
    const found = await reader.get(
      STORAGE_CLASSES,
      { name },
      { priority: 'interactive', reason: 'start-check' },
    );
    if (!found) return { problem: `Storage class ${name}, which labs use, does not exist` };
    // The API server fills it in; Delete is what it fills in.
    return { policy: found.reclaimPolicy ?? 'Delete' };
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.status !== 403) throw error;
    return {
      problem: `Whether storage class ${name} keeps what labs write cannot be told: ${error.apiMessage}`,
    };
  }
}

/** Says at start what labs would lose, and lets labs say it of homes. A class that can't be judged stops nothing. */
export async function announceClaims(app: INestApplicationContext, lab: LabStorage, log: Log): Promise<void> {
  try {
    const { fleeting, unjudged } = await findClaims(app.get(KubeReader), lab);
    for (const problem of unjudged) log.warn('storage class not judged', { problem });
    for (const { sentence, isHome } of fleeting) {
      log.warn('files of labs do not last', { sentence });
      if (isHome) app.get(HomeNotice).sentence = sentence;
    }
  } catch (error) {
    log.warn('storage classes not judged', { error });
  }
}
