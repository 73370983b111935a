import type { BareClient } from './api.js';

interface PlainObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
}

/** One object to create: where, and as JSON. */
export interface Template {
  readonly path: string;
  readonly text: string;
}

/** What a lab is made of, and its record, as a client would send them. */
export interface LabTemplates {
  readonly objects: readonly Template[];
  readonly record: Template;
}

/** In the order in which a lab's objects are made (contract 5.2). */
const kinds = [
  'serviceaccounts',
  'configmaps',
  'secrets',
  'resourcequotas',
  'networkpolicies',
  'services',
  'pods',
] as const;
const groupOf = (plural: string): string =>
  plural === 'networkpolicies' ? 'apis/networking.k8s.io/v1' : 'api/v1';

/** What the cluster adds by itself. */
const MADE_BY_CLUSTER = new Set(['kube-root-ca.crt']);

/** Reads them from the lab of `model`, which runs. */
export async function templatesOf(client: BareClient, model: string): Promise<LabTemplates> {
  const namespace = `userlabs-${model}`;
  const space = (await client.call(`/api/v1/namespaces/${namespace}`)).body as PlainObject;
  const lists = await Promise.all(
    kinds.map(async (plural) => {
      const path = `${groupOf(plural)}/namespaces/${namespace}/${plural}`;
      const items = await read(client, path);
      return items
        .filter(({ metadata }) => !MADE_BY_CLUSTER.has(metadata.name))
        .map((item) => template(path, item));
    }),
  );
  const path = 'apis/berth.dev/v1alpha1/namespaces/berth/labs';
  const lab = (await read(client, path)).find(({ metadata }) => metadata.name === model);
  if (!lab) throw new Error(`There is no lab of ${model} to learn from.`);
  return { objects: [template('api/v1/namespaces', space), ...lists.flat()], record: template(path, lab) };
}

const template = (path: string, object: PlainObject): Template => ({
  path,
  text: JSON.stringify(bare(object)),
});

async function read(client: BareClient, path: string): Promise<readonly PlainObject[]> {
  const { body } = await client.call(`/${path}`);
  const list = body as { items?: PlainObject[]; kind: string; apiVersion: string };
  const { items = [], kind, apiVersion } = list;
  return items.map((item) => ({ ...item, kind: kind.replace(/List$/, ''), apiVersion }));
}

const SERVER_METADATA = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'managedFields',
  'ownerReferences',
  'finalizers',
]);
const SERVER_SPEC = new Set(['nodeName', 'clusterIP', 'clusterIPs', 'finalizers']);

/** The object as a client would send it. */
function bare(object: PlainObject): object {
  const { spec, ...rest } = object as PlainObject & { spec?: Record<string, unknown> };
  return {
    ...without(rest, new Set(['status'])),
    metadata: without(rest.metadata, SERVER_METADATA),
    ...(spec ? { spec: without(spec, SERVER_SPEC) } : {}),
  };
}

const without = (fields: Record<string, unknown>, names: ReadonlySet<string>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
