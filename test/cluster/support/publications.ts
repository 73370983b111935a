import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import type { ConfigPiece } from '../../gen/settings.gen.js';
import type { Api, Thing } from './api.js';
import { installCrd } from './crds.js';

const run = promisify(execFile);
const OURS = 'test/fixtures/kubernetes/publication-crds.yaml';
/** The Gateway API's own schema, fetched by version like the control plane itself. */
const GATEWAY_API = 'sigs.k8s.io/gateway-api@v1.4.1';
const GATEWAY_CRD = 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml';
const ASKING = { verifyUrl: 'http://berth.berth/nublado' };

/** One way to publish a file server: what it needs in the cluster, and what whoever takes it up does there. */
export interface Publication {
  readonly settings: ConfigPiece;
  /** Plural and group of what Berth makes. */
  readonly route: readonly [plural: string, group: string];
  install(api: Api): Promise<unknown>;
  /** Takes up the route of this name, once it is there. */
  takeUp(api: Api, place: Place): Promise<void>;
}

export interface Place {
  readonly namespace: string;
  readonly name: string;
}

const pathOf = (group: string, plural: string, { namespace, name }: Place): string =>
  `/apis/${group}/namespaces/${namespace}/${plural}/${name}`;

const NETWORKING = 'networking.k8s.io/v1';
const GAFAELFAWR = 'gafaelfawr.lsst.io/v1alpha1';
const GATEWAY = 'gateway.networking.k8s.io/v1';

/** As an ingress controller behind a load balancer that has a host name only. */
async function address(api: Api, place: Place): Promise<void> {
  const path = pathOf(NETWORKING, 'ingresses', place);
  await api.eventually(path, ({ status }) => status === 200);
  const answer = await api.merge(`${path}/status`, {
    status: { loadBalancer: { ingress: [{ hostname: 'lb.example.org' }] } },
  });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

interface GafaelfawrIngress extends Thing {
  readonly template: { readonly metadata: { readonly name: string }; readonly spec: object };
}

/** As Gafaelfawr: an Ingress of the resource's template, which goes with it. */
async function derive(api: Api, place: Place): Promise<void> {
  const path = pathOf(GAFAELFAWR, 'gafaelfawringresses', place);
  const { body } = await api.eventually<GafaelfawrIngress>(path, ({ status }) => status === 200);
  const { uid, name } = body.metadata;
  const owner = { apiVersion: GAFAELFAWR, kind: 'GafaelfawrIngress', name, uid, controller: true };
  const { metadata, spec } = body.template;
  await api.make(`/apis/${NETWORKING}/namespaces/${place.namespace}/ingresses`, {
    metadata: { ...metadata, ownerReferences: [owner] },
    spec,
  });
  await address(api, place);
}

/** As a gateway: the status that its API demands. */
async function accept(api: Api, place: Place): Promise<void> {
  const path = pathOf(GATEWAY, 'httproutes', place);
  await api.eventually(path, ({ status }) => status === 200);
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  const condition = (type: string) => ({
    type,
    status: 'True',
    reason: type,
    message: '',
    lastTransitionTime,
  });
  const conditions = [condition('Accepted'), condition('ResolvedRefs')];
  const parent = { parentRef: { name: 'public' }, controllerName: 'example.org/gateway', conditions };
  const answer = await api.merge(`${path}/status`, { status: { parents: [parent] } });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

export const PUBLICATIONS = {
  gafaelfawr: {
    settings: { publish: 'gafaelfawr' },
    route: ['gafaelfawringresses', GAFAELFAWR],
    install: async (api) => installCrd(api, await gafaelfawrCrd()),
    takeUp: derive,
  },
  ingress: {
    settings: { publish: 'ingress', ...ASKING },
    route: ['ingresses', NETWORKING],
    install: () => Promise.resolve(),
    takeUp: address,
  },
  httproute: {
    settings: { publish: 'httproute', ...ASKING, gateway: { name: 'public' } },
    route: ['httproutes', GATEWAY],
    install: async (api) => installCrd(api, await gatewayCrd()),
    takeUp: accept,
  },
} as const satisfies Record<string, Publication>;

async function gafaelfawrCrd(): Promise<Thing> {
  const all = parseAllDocuments(await readFile(OURS, 'utf8')).map((each) => each.toJS() as Thing);
  const found = all.find(({ metadata }) => metadata.name.startsWith('gafaelfawr'));
  if (!found) throw new Error(`${OURS} has no CRD of Gafaelfawr`);
  return found;
}

async function gatewayCrd(): Promise<Thing> {
  const { stdout } = await run('go', ['mod', 'download', '-json', GATEWAY_API]);
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  return parse(await readFile(join(Dir, GATEWAY_CRD), 'utf8')) as Thing;
}
