import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { startCluster } from '../../simulator/cluster.js';
import type { Cluster, ClusterOptions } from '../../simulator/cluster.js';

const FOLDER = 'helm/berth/crds';
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** An embedded cluster that knows all our resources. */
export async function startBerthCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await startCluster(options);
  for (const file of readdirSync(FOLDER)) {
    const crd: unknown = parse(readFileSync(join(FOLDER, file), 'utf8'));
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(cluster.api.url + PATH, {
      method: 'POST',
      headers,
      body: JSON.stringify(crd),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
  return cluster;
}
