import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildLabObjects } from '../../src/labs/objects/index.js';
import { aBuildInput, aLab } from '../gen/index.js';
import { isAllowed, type Party, type Policy, type Target } from './evaluator.js';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'network.md');

interface Built {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
}

/** What the builder makes for one user, as far as the network sees it. */
function labOf(
  username: string,
  address: string,
): { readonly lab: Party; readonly mate: Party; readonly policies: readonly Policy[] } {
  const objects = buildLabObjects(aBuildInput({ lab: aLab({ owner: { username } }) })).map(
    ({ object }) => object as Built,
  );
  const labelsOf = (kind: string): Readonly<Record<string, string>> =>
    objects.find((each) => each.kind === kind)?.metadata?.labels ?? {};
  const name = objects.find(({ kind }) => kind === 'Namespace')?.metadata?.name ?? '';
  const namespace = { name, labels: { ...labelsOf('Namespace'), 'kubernetes.io/metadata.name': name } };
  return {
    lab: { namespace, labels: labelsOf('Pod'), address },
    mate: { namespace, labels: { app: 'dask' }, address: '10.1.0.9' },
    policies: objects.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as readonly Policy[],
  };
}

const elsewhere = (name: string, labels: Readonly<Record<string, string>>): Party => ({
  namespace: { name, labels: { 'kubernetes.io/metadata.name': name } },
  labels,
  address: '10.2.0.1',
});

const rachel = labOf('rachel', '10.1.0.1');
const dario = labOf('dario', '10.1.0.2');
/** What the chart adds where file servers ask nobody who comes, as helm renders it (test/cluster/specs/chart.spec.ts). */
const GUARD = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'golden', 'chart', 'fileservers.json'), 'utf8'),
) as Policy;
const server: Party = {
  namespace: { name: 'files', labels: { 'kubernetes.io/metadata.name': 'files' } },
  labels: { 'nublado.lsst.io/category': 'fileserver', 'nublado.lsst.io/user': 'rachel' },
  address: '10.3.0.1',
};
const policies = [...rachel.policies, ...dario.policies, GUARD];

const FROM: Readonly<Record<string, Party>> = {
  "JupyterHub's proxy (`app: jupyterhub`), in whatever namespace": elsewhere('hub', { app: 'jupyterhub' }),
  Berth: elsewhere('nublado', { 'app.kubernetes.io/name': 'berth' }),
  'an ingress controller': elsewhere('ingress', { app: 'nginx' }),
  'an ingress controller with `gafaelfawr.lsst.io/ingress`': elsewhere('ingress', {
    'gafaelfawr.lsst.io/ingress': 'true',
  }),
  'any other pod': elsewhere('science', { app: 'web' }),
  "rachel's lab": rachel.lab,
  "another pod in rachel's namespace": rachel.mate,
  "dario's lab": dario.lab,
  "rachel's file server": server,
  'outside of the cluster': { address: '198.51.100.7' },
};

const lab = (party: Party, port = 8888): Target => ({
  party,
  port,
  portName: port === 8888 ? 'jupyterlab' : '',
});

const TO: Readonly<Record<string, Target>> = {
  "rachel's lab, port 8888": lab(rachel.lab),
  "rachel's lab, another port": lab(rachel.lab, 22),
  "dario's lab, port 8888": lab(dario.lab),
  "another pod in rachel's namespace": { party: rachel.mate, port: 8786 },
  "rachel's file server, port 8000": { party: server, port: 8000, portName: 'http' },
  "rachel's file server, another port": { party: server, port: 22, portName: '' },
  'any other pod': { party: elsewhere('science', { app: 'web' }), port: 80 },
  'outside of the cluster': { party: { address: '198.51.100.7' }, port: 443 },
};

/** One row for each who asks, one column for each who is asked. */
function table(): string {
  const columns = Object.keys(TO);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = Object.entries(FROM).map(([name, from]) =>
    line([name, ...Object.values(TO).map((to) => (isAllowed(policies, from, to) ? 'yes' : '–'))]),
  );
  return [line(['from \\ to', ...columns]), line(['---', ...columns.map(() => '---')]), ...rows].join('\n');
}

const page = (): string => `# What the network lets through

Who may open a connection to whom, as far as Berth's NetworkPolicies decide it, computed from the objects that Berth makes by an
evaluator of its own (\`test/network\`). Made by \`UPDATE_GOLDEN=1 npx vitest run test/network\`; do not edit. A cluster's network must
enforce policies; other policies of the cluster may forbid more, never allow more into a lab. What leaves a lab is not held back (as with Nublado).
File servers are guarded so where they are published behind Gafaelfawr and ask nobody (the chart's \`fileservers.reachableFrom\`); elsewhere each
asks Berth who comes.

<!-- prettier-ignore -->
${table()}
`;

describe('the network policies of labs', () => {
  it('let through what docs/network.md says (UPDATE_GOLDEN=1 writes it)', () => {
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, page());

    expect(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '').toBe(page());
  });

  it('open a file server that asks nobody to its ingress, on one port, and to nobody else', () => {
    const column = (port: number): readonly string[] =>
      Object.entries(FROM)
        .filter(([, from]) => isAllowed(policies, from, { party: server, port, portName: '' }))
        .map(([name]) => name);

    expect(column(8000)).toEqual(['an ingress controller with `gafaelfawr.lsst.io/ingress`']);
    expect(column(22)).toEqual([]);
  });

  /**
   * @promise nobody gets in
   * @fault any pod of the cluster tries to reach a lab
   * @outcome only the Hub and the user’s own pods do, on one port, by the rules of an evaluator of its own
   */
  it('open a lab to the Hub and to the pods of its own user, on one port, and to nobody else', () => {
    const mayEnter = Object.entries(FROM).filter(([, from]) => isAllowed(policies, from, lab(rachel.lab)));

    expect(mayEnter.map(([name]) => name)).toEqual([
      "JupyterHub's proxy (`app: jupyterhub`), in whatever namespace",
      "rachel's lab",
      "another pod in rachel's namespace",
    ]);
    for (const from of Object.values(FROM))
      expect(isAllowed(policies, from, lab(rachel.lab, 22)), from.address).toBe(false);
  });
});
