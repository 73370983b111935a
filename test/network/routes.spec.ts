import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = join(ROOT, 'docs', 'routes.md');

interface Rule {
  readonly path: string;
  readonly pathType: string;
}
interface IngressSpec {
  readonly rules: readonly { readonly http: { readonly paths: readonly Rule[] } }[];
}
/** What the chart makes, as helm renders it (test/cluster/specs/chart-routes.spec.ts). */
interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly config?: { readonly scopes: { readonly all?: readonly string[] } };
  readonly template?: { readonly spec: IngressSpec };
  readonly spec?: IngressSpec;
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly roles: readonly string[];
}
interface Place extends Rule {
  readonly audience: string;
}

const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(join(ROOT, ...path), 'utf8'));
const rendered = (kind: string): readonly Rendered[] =>
  (readJson('test', 'golden', 'chart', `routes-${kind}.json`) as Rendered[]).filter(
    (each) => each.kind !== 'Service',
  );
const gafaelfawr = rendered('gafaelfawr');
const audienceOf = ({ metadata }: Rendered): string => metadata.name.replace('berth-', '');
const placesOf = (objects: readonly Rendered[]): readonly Place[] =>
  objects.flatMap((each) =>
    ((each.template?.spec ?? each.spec)?.rules ?? []).flatMap(({ http }) =>
      http.paths.map((rule) => ({ ...rule, audience: audienceOf(each) })),
    ),
  );

/** ingress-nginx, where one path of a host is a regular expression: all are, the longest first, wherever they stand. */
const byNginx = (places: readonly Place[], path: string): string | undefined =>
  places
    .toSorted((one, other) => other.path.length - one.path.length)
    .find((place) => new RegExp(`^${place.path}`, 'i').test(path))?.audience;
/** As the API of Ingress has it, with expressions before all else. */
const byTheBook = (places: readonly Place[], path: string): string | undefined => {
  const fits = ({ path: prefix, pathType }: Place): boolean =>
    pathType === 'ImplementationSpecific'
      ? new RegExp(`^${prefix}`).test(path)
      : path === prefix || (pathType === 'Prefix' && path.startsWith(`${prefix}/`));
  const order = (place: Place): number =>
    ['Prefix', 'Exact', 'ImplementationSpecific'].indexOf(place.pathType);
  return places
    .filter(fits)
    .toSorted((one, other) => order(other) - order(one) || other.path.length - one.path.length)[0]?.audience;
};

const document = readJson('openapi.json') as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly 'x-berth-access': Route }>>>>;
};
const ROUTES: readonly Route[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    roles: operation['x-berth-access'].roles,
  })),
);
/** Neither asks an ingress: the health of a pod, and what file servers ask from within. */
const INSIDE = /^\/(health\/.*)?$/;
const concrete = (path: string, username = 'rachel'): string => path.replaceAll('{username}', username);

/** Who passes where: a role of Berth's, or what the contract's deployment grants besides. */
function mayPass({ path, roles }: Route, audience: string | undefined): boolean {
  if (audience === 'files') return path.startsWith('/files') && roles.includes('user');
  if (path === '/nublado' || roles.includes('fileserver')) return audience === 'admin';
  return audience !== undefined && roles.includes(audience);
}

describe.each([
  ['GafaelfawrIngresses', placesOf(gafaelfawr)],
  ['Ingresses', placesOf(rendered('ingress'))],
])('the %s of the chart', (_, places) => {
  /**
   * @promise nobody gets in
   * @fault a route of Berth is asked for through the chart’s ingress
   * @outcome it is guarded by a scope that only those have for whom the route is
   */
  it.each([
    ['ingress-nginx', byNginx],
    ['a controller that goes by the book', byTheBook],
  ])('lead each route of the API to an audience that may use it, in %s', (_name, resolve) => {
    const outside = ROUTES.filter(({ path }) => !INSIDE.test(path));

    const wrong = outside.filter((route) => !mayPass(route, resolve(places, concrete(route.path))));

    expect(outside.length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });

  it.each([
    ['a lab whose user is called as a route is', '/nublado/spawner/v1/labs/create', 'hub'],
    ['a lab whose user is called as a route of users is', '/nublado/spawner/v1/labs/events', 'hub'],
    ['a path below a route of users', '/nublado/spawner/v1/labs/rachel/create/more', 'hub'],
    ['a route of users with a slash behind it', '/nublado/spawner/v1/labs/rachel/create/', 'user'],
    ['a path that no route has', '/nublado/admin/v1/whatever', 'admin'],
  ])('hold nobody’s door open: %s', (_name, path, audience) => {
    expect(byNginx(places, path)).toBe(audience);
    expect(byTheBook(places, path)).toBe(audience);
  });

  it('lead nowhere outside of the two prefixes', () => {
    for (const path of ['/', '/health/live', '/health/ready', '/metrics'])
      expect(byNginx(places, path)).toBeUndefined();
  });
});

const scopeOf = (audience: string | undefined): string =>
  gafaelfawr.find((each) => audienceOf(each) === audience)?.config?.scopes.all?.join(', ') ?? '–';

function page(): string {
  const places = placesOf(gafaelfawr);
  const rows = ROUTES.map(({ method, path }) => {
    const audience = byNginx(places, concrete(path));
    return `| \`${method} ${path}\` | ${audience ?? 'not from outside'} | ${scopeOf(audience)} |`;
  });
  return `# Which route is for whom

With \`ingress.enabled\` the chart routes to Berth, one object for each audience: a \`GafaelfawrIngress\` with these scopes, as in the
Nublado controller's deployment, or (\`ingress.kind: ingress\`) an \`Ingress\` whose guard you name in \`ingress.guards\`. Made from the
rendered chart and \`openapi.json\` by \`UPDATE_GOLDEN=1 npx vitest run test/network\`; do not edit.

The chart has no Deployment: its Service finds pods labelled \`app.kubernetes.io/name: berth\` and \`app.kubernetes.io/instance\` with the
release's name, on port 8080. Berth believes the headers \`X-Auth-Request-User\` and \`X-Auth-Request-Token\` of whoever reaches that port,
unless \`berth.auth.proxySecret\` or \`trustedProxies\` say otherwise: let only the ingress controller reach it. A plain Ingress needs a guard that
_replaces_ both headers, for example

\`\`\`yaml
ingress:
  enabled: true
  kind: ingress
  host: science.example.org
  className: nginx
  guards:
    user: # hub, admin and files likewise
      nginx.ingress.kubernetes.io/auth-url: http://guard.auth.svc.cluster.local/auth?scope=exec:notebook
      nginx.ingress.kubernetes.io/auth-response-headers: X-Auth-Request-User,X-Auth-Request-Token
\`\`\`

Long answers and unbuffered streams are seen to by annotations for ingress-nginx. The user's paths below \`labs\` are regular expressions: another
ingress controller must know those, or the hub's guard decides there.

<!-- prettier-ignore -->
| route | audience | scope |
| --- | --- | --- |
${rows.join('\n')}
`;
}

describe('docs/routes.md', () => {
  it('says who gets where by the chart (UPDATE_GOLDEN=1 writes it)', () => {
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, page());

    expect(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '').toBe(page());
  });
});
