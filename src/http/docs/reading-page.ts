import type { OpenAPIObject } from '@nestjs/swagger';
import { READING_STYLE } from './reading-style.js';
import { element, escaped, prose, table } from './html.js';

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
  readonly 'x-berth-access'?: { readonly roles: readonly string[]; readonly own?: string };
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
}
type Content = Readonly<Record<string, Media>>;
interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>;
}
type Schema = Readonly<Record<string, unknown>>;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** The API document as one page that needs no script: contents, every route, every shape. */
export function readingPage(document: OpenAPIObject): string {
  const routes = routesOf(document);
  const tags = (document.tags ?? []).filter(({ name }) => routes.some((route) => hasTag(route, name)));
  const { title, version, description } = document.info;
  const schemas = Object.entries(document.components?.schemas ?? {}) as [string, Schema][];
  const body = [
    element('h1', escaped(`${title} API ${version}`)),
    prose(description ?? ''),
    element('nav', tags.map(({ name }) => contents(name, routes)).join('')),
    ...tags.map(({ name, description: about }) => section(name, about ?? '', routes)),
    element('h2', 'Shapes'),
    ...schemas.map(([name, schema]) => shape(name, schema)),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} API</title><style>${READING_STYLE}</style></head>
<body>${body.join('\n')}</body></html>
`;
}

function routesOf(document: OpenAPIObject): Route[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({
      method,
      path,
      operation,
    })),
  );
}

const hasTag = ({ operation }: Route, tag: string): boolean => operation.tags?.includes(tag) ?? false;
const label = ({ method, path }: Route): string =>
  `<code><span class="method">${method.toUpperCase()}</span> ${escaped(path)}</code>`;

function contents(tag: string, routes: readonly Route[]): string {
  const items = routes
    .filter((route) => hasTag(route, tag))
    .map(
      (route) =>
        `<li><a href="#${escaped(route.operation.operationId ?? '')}">${escaped(route.operation.summary ?? '')}</a></li>`,
    );
  return element('ul', items.join(''));
}

function section(tag: string, about: string, routes: readonly Route[]): string {
  const own = routes.filter((route) => hasTag(route, tag)).map(describeRoute);
  return [element('h2', escaped(tag)), element('p', escaped(about)), ...own].join('\n');
}

function describeRoute(route: Route): string {
  const { operation } = route;
  const access = operation['x-berth-access'];
  const who =
    access === undefined ? '' : `For ${access.roles.join(', ')}${access.own ? `; only for oneself` : ''}.`;
  const parameters = (operation.parameters ?? []).map((one) => [
    `<code>${escaped(one.name)}</code>`,
    escaped(`${one.in}${one.required === true ? ', required' : ''}`),
    escaped(one.description ?? ''),
  ]);
  return [
    `<h3 id="${escaped(operation.operationId ?? '')}">${escaped(operation.summary ?? '')}<br>${label(route)}</h3>`,
    prose(`${operation.description ?? ''}\n\n${who}`),
    table(['Parameter', 'In', 'Meaning'], parameters),
    operation.requestBody ? `<p>Body:</p>${describeContent(operation.requestBody.content)}` : '',
    table(['Status', 'Meaning', 'Body'], Object.entries(operation.responses).map(describeResponse)),
  ].join('\n');
}

function describeResponse([status, response]: [string, Operation['responses'][string]]): string[] {
  return [status, prose(response.description ?? ''), describeContent(response.content ?? {})];
}

function describeContent(content: Content): string {
  return Object.entries(content)
    .map(
      ([type, media]) =>
        `<code>${escaped(type)}</code> ${media.schema ? schemaName(media.schema) : ''}${examples(media)}`,
    )
    .join('<br>');
}

function examples({ example, examples: several }: Media): string {
  const values = [example, ...Object.values(several ?? {}).map(({ value }) => value)];
  return values
    .filter((value) => value !== undefined)
    .map((value) => element('pre', escaped(typeof value === 'string' ? value : JSON.stringify(value))))
    .join('');
}

function shape(name: string, schema: Schema): string {
  const required = (schema['required'] ?? []) as readonly string[];
  const fields = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>).map(
    ([field, one]) => [
      `<code>${escaped(field)}</code>${required.includes(field) ? '' : ' (optional)'}`,
      schemaName(one),
      escaped(textOf(one['description'])),
    ],
  );
  return `<h3 id="${escaped(name)}">${escaped(name)}</h3>${table(['Field', 'Type', 'Meaning'], fields)}`;
}

/** A schema in a few words: its name with a link, its type, its words. */
function schemaName(schema: Schema): string {
  const name = textOf(schema['$ref']).split('/').at(-1) ?? '';
  if (name !== '') return `<a href="#${escaped(name)}">${escaped(name)}</a>`;
  if (Array.isArray(schema['anyOf'])) return (schema['anyOf'] as Schema[]).map(schemaName).join(' or ');
  if (Array.isArray(schema['enum'])) return escaped((schema['enum'] as unknown[]).join(', '));
  if (schema['items'] !== undefined) return `list of ${schemaName(schema['items'] as Schema)}`;
  const types = [schema['type']].flat().filter((type) => typeof type === 'string');
  return escaped(types.join(' or ') || 'any');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
