import type { BerthClient } from './client.js';
import type { Platform } from './platform.js';
import type { Screen } from './screen.js';
import { HUB, LAB_SECRET, RACHEL } from './settings.js';

const NAMESPACE = `userlabs-${RACHEL.name}`;
/** Written by the embedded kubelet on pods that really run as a process here. */
const URL_ANNOTATION = 'simulator.berth.dev/url';

interface ObjectList {
  readonly items?: readonly {
    readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
  }[];
}

/** Prints what the status route says. */
export async function showStatus(screen: Screen, client: BerthClient): Promise<void> {
  const status = await client.status(RACHEL.name, HUB.token);
  screen.line();
  screen.heading(`GET /spawner/v1/labs/${RACHEL.name}`);
  for (const line of JSON.stringify(status, null, 2).split('\n')) screen.line(`  ${line}`);
}

/** Prints what to look at while everything is up. */
export async function showNext(screen: Screen, { ground, url, kubeconfig }: Platform): Promise<void> {
  const pods = await ground.get<ObjectList>(`api/v1/namespaces/${NAMESPACE}/pods`);
  const page = pods.items?.[0]?.metadata.annotations?.[URL_ANNOTATION];
  screen.line();
  screen.heading('Look around (Ctrl-C ends everything):');
  screen.line(`  Swagger UI   ${url}/docs`);
  screen.line(`  The lab      ${page ?? '(has no page)'}`);
  screen.line(
    `  The API      curl -H 'Authorization: Bearer ${HUB.token}' ${url}/spawner/v1/labs/${RACHEL.name}`,
  );
  screen.line(`  Kubernetes   kubectl --kubeconfig ${kubeconfig} get labs -w`);
}

/** Names what is left of the lab: everything but the record, which stays as history. */
export async function leftovers({ ground }: Platform): Promise<readonly string[]> {
  const namespaces = (await ground.get<ObjectList>('api/v1/namespaces')).items ?? [];
  const secrets = (await ground.get<ObjectList>('api/v1/namespaces/berth/secrets')).items ?? [];
  return [
    ...namespaces
      .filter(({ metadata }) => metadata.name === NAMESPACE)
      .map(({ metadata }) => `namespace ${metadata.name}`),
    ...secrets
      .filter(({ metadata }) => metadata.name !== LAB_SECRET.metadata.name)
      .map(({ metadata }) => `secret berth/${metadata.name}`),
  ];
}
