import fc from 'fast-check';
import { hostileJson, hostileText } from './hostile-values.js';
import type { ListedOperation } from './matrix.js';

/** One request of the run: what it aims at, and what is sent. */
export interface HostileRequest {
  readonly aim: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
}

/** A request that would be served; whoever wants to do harm changes it. */
interface Draft {
  readonly path: Record<string, string>;
  readonly query: [name: string, value: string][];
  readonly headers: Record<string, string>;
  body: unknown;
}

type Change = (draft: Draft) => void;

/** Bytes that are sent as they are. */
class Raw {
  constructor(readonly bytes: Buffer) {}
}

interface Target {
  readonly name: string;
  readonly change: fc.Arbitrary<Change>;
}

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  /** Of a map: some of its keys. */
  readonly additionalProperties?: unknown;
  readonly example?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
}

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** The rest of an API document, in which references are looked up. */
export interface Components {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What every route reads or hands on, whether its description says so or not. */
const COMMON_HEADERS = [
  'authorization',
  'x-auth-request-user',
  'x-auth-request-token',
  'x-berth-proxy-secret',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-request-id',
  'host',
  'accept',
  'content-type',
] as const;

/** Path elements that are no encoding of anything. */
const RAW_ELEMENTS = ['%', '%ff', '%zz', '%c0%ae', '%00', 'a%2fb', '..', '%2e%2e', '', 'x'.repeat(600)];

/** Everything that one request to this operation can carry, field by field. */
function targetsOf(
  { path, spec }: ListedOperation,
  document: Components,
  people: readonly Person[],
): readonly Target[] {
  const { parameters = [], requestBody } = spec as Described;
  const named = parameters.map((parameter) => ({ in: parameter.in, name: parameter.name.toLowerCase() }));
  const schema = requestBody?.content['application/json']?.schema;
  const headers = new Set([
    ...named.filter((one) => one.in === 'header').map(({ name }) => name),
    ...COMMON_HEADERS,
  ]);
  return [
    ...(people.length === 0 ? [] : [asPerson(people)]),
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => inPath(name)),
    ...parameters.filter((one) => one.in === 'query').map(({ name }) => inQuery(name)),
    unknownQuery,
    ...[...headers].map(inHeader),
    ...(schema ? [wholeBody, ...fieldsOf(schema, document).map(inBody)] : [unwantedBody]),
  ];
}

/** Every field that a schema names, its inner ones too. */
function fieldsOf(schema: Schema, document: Components, above: readonly string[] = []): string[][] {
  const found = (schema.$ref && document.components.schemas[schema.$ref.split('/').at(-1) ?? '']) || schema;
  const inherited = (found.allOf ?? []).flatMap((one) => fieldsOf(one, document, above));
  const own = Object.entries(found.properties ?? {}).flatMap(([name, inner]) => {
    const place = [...above, name];
    return [place, ...fieldsOf(inner, document, place)];
  });
  const keys = found.additionalProperties === undefined ? [] : Object.keys(found.example ?? {});
  return [...own, ...inherited, ...keys.map((key) => [...above, key])];
}

/** Everybody is polite to their own lab; only their names are odd. */
const asPerson = (people: readonly Person[]): Target => ({
  name: 'caller',
  change: fc.constantFrom(...people).map(({ username, headers }): Change => (draft) => {
    draft.path['username'] = encodeURIComponent(username);
    Object.assign(draft.headers, headers);
  }),
});

const inPath = (name: string): Target => ({
  name: `path.${name}`,
  change: fc
    .oneof(
      { weight: 5, arbitrary: hostileText.map((text) => encodeURIComponent(wellFormed(text))) },
      { weight: 1, arbitrary: fc.constantFrom(...RAW_ELEMENTS) },
    )
    .map((element) => (draft) => {
      draft.path[name] = element;
    }),
});

const inQuery = (name: string): Target => ({
  name: `query.${name}`,
  change: fc
    .tuple(fc.constantFrom(name, name, name, `${name}[]`, `${name}[a]`, name.toUpperCase()), hostileText)
    .chain(([written, value]) =>
      fc.boolean().map((twice): Change => ({ query }) => {
        query.push([written, value]);
        if (twice) query.push([name, 'true']);
      }),
    ),
});

const unknownQuery: Target = {
  name: 'query.*',
  change: fc.tuple(hostileText, hostileText).map((pair): Change => ({ query }) => {
    query.push(pair);
  }),
};

const inHeader = (name: string): Target => ({
  name: `header.${name}`,
  change: hostileText.map((text): Change => ({ headers }) => {
    // What HTTP can't carry in a header at all is for the specs of the server.
    const value = text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').trim();
    headers[name] = value.slice(0, 8_000);
  }),
});

const wholeBody: Target = {
  name: 'body',
  change: fc
    .oneof(
      hostileJson,
      fc.uint8Array({ maxLength: 60 }).map((bytes) => new Raw(Buffer.from(bytes))),
      fc.string({ maxLength: 60 }).map((text) => new Raw(Buffer.from(`{"options": ${text}`))),
      fc.constant(new Raw(Buffer.from('['.repeat(50_000)))),
      fc.constant(undefined),
    )
    .map((body) => (draft) => {
      draft.body = body;
    }),
};

const unwantedBody: Target = { name: 'unwanted body', change: wholeBody.change };

const inBody = (place: readonly string[]): Target => ({
  name: `body.${place.join('.')}`,
  change: fc
    .oneof({ weight: 8, arbitrary: hostileJson }, { weight: 1, arbitrary: fc.constant(undefined) })
    .map((value) => (draft) => {
      draft.body = replaced(draft.body, place, value);
    }),
});

function replaced(holder: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const known = typeof holder === 'object' && holder !== null ? (holder as Record<string, unknown>) : {};
  return { ...known, [name]: replaced(known[name], rest, value) };
}

const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** Somebody who is known, by whatever name. */
export interface Person {
  readonly username: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a run knows its way: who asks, of whom, and with what body, before anything is changed. */
export interface Manners {
  readonly headers: (operation: ListedOperation) => Readonly<Record<string, string>>;
  readonly username: string;
  readonly body: unknown;
  /** Those with odd names. */
  readonly people?: readonly Person[];
}

/**
 * `count` requests, the same for the same seed: every field of every operation is aimed at equally often, and now and
 * then a second one beside it.
 */
export function hostileRequests(
  operations: readonly ListedOperation[],
  document: Components,
  run: Manners & { readonly seed: number; readonly count: number },
): HostileRequest[] {
  const lists = operations.flatMap((operation) => {
    const targets = targetsOf(operation, document, run.people ?? []);
    const second = fc.option(fc.oneof(...targets.map(({ change }) => change)), { freq: 4, nil: undefined });
    return targets.map(({ name, change }) => ({ operation, name, change: fc.tuple(change, second) }));
  });
  const each = Math.ceil(run.count / lists.length);
  const drawn = lists.map(({ operation, name, change }, index) =>
    fc.sample(change, { seed: run.seed + index, numRuns: each }).map((changes): HostileRequest => {
      const draft = draftOf(operation, run);
      for (const one of changes) one?.(draft);
      return written(operation, `${operation.method} ${operation.path} ${name}`, draft);
    }),
  );
  // One of each, then the second of each: whatever builds up, builds up everywhere.
  return Array.from({ length: each }, (_, turn) => drawn.flatMap((list) => list[turn] ?? []))
    .flat()
    .slice(0, run.count);
}

function draftOf(operation: ListedOperation, { headers, username, body }: Manners): Draft {
  const hasBody = (operation.spec as Described).requestBody !== undefined;
  return {
    path: { username },
    query: [],
    headers: { ...headers(operation), ...(hasBody ? { 'content-type': 'application/json' } : {}) },
    body: hasBody ? body : undefined,
  };
}

function written({ method, path }: ListedOperation, aim: string, draft: Draft): HostileRequest {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => draft.path[name] ?? '');
  const query = draft.query
    .map((pair) => pair.map((text) => encodeURIComponent(wellFormed(text))).join('='))
    .join('&');
  const { body, headers } = draft;
  return { aim, method, path: query === '' ? filled : `${filled}?${query}`, headers, body: bytesOf(body) };
}

function bytesOf(body: unknown): string | Buffer | undefined {
  if (body === undefined) return undefined;
  return body instanceof Raw ? body.bytes : JSON.stringify(body);
}
