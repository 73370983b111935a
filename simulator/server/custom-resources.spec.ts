import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ApiServer } from './index.js';
import { startApiServer } from './index.js';
import { TestClient } from './test-client.js';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['color', 'size'],
      properties: {
        color: { type: 'string', enum: ['red', 'blue'], maxLength: 4 },
        size: { type: 'integer', minimum: 1, maximum: 5 },
        name: { type: 'string', pattern: '^a+$' },
        tags: { type: 'array', maxItems: 2, items: { type: 'string' } },
        mode: { type: 'string', default: 'plain' },
        nested: { type: 'object', properties: { depth: { type: 'integer', default: 3 } } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        either: { 'x-kubernetes-int-or-string': true },
        keyed: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', properties: { k: { type: 'string' } } },
        },
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
};

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const TOYS = '/apis/example.dev/v1/namespaces/play/toys';

const crd = {
  metadata: { name: 'toys.example.dev' },
  spec: {
    group: 'example.dev',
    scope: 'Namespaced',
    names: { plural: 'toys', kind: 'Toy', shortNames: ['ty'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Color', type: 'string', jsonPath: '.spec.color' }],
        schema: { openAPIV3Schema: schema },
      },
    ],
  },
};

let server: ApiServer;
let client: TestClient;

const toy = (name: string, spec: object, more: object = {}) => ({
  apiVersion: 'example.dev/v1',
  kind: 'Toy',
  metadata: { name },
  spec,
  ...more,
});

beforeAll(async () => {
  server = await startApiServer();
  client = new TestClient(server.url);
  await client.namespace('play');
  await client.post(CRDS, crd);
});
afterAll(() => server.close());

describe('a custom resource', () => {
  it('is served once its definition is established', async () => {
    const { body } = await client.get(`${CRDS}/toys.example.dev`);

    expect(body['status']).toMatchObject({
      acceptedNames: { plural: 'toys', singular: 'toy', kind: 'Toy', listKind: 'ToyList' },
      conditions: [
        { type: 'NamesAccepted', status: 'True' },
        { type: 'Established', status: 'True' },
      ],
    });
    expect((await client.get(TOYS)).body).toMatchObject({ kind: 'ToyList', items: [] });
  });

  it('is pruned with a warning, completed with defaults, and has no status yet', async () => {
    const spec = { color: 'red', size: 1, nested: {}, extra: 1, free: { any: { thing: 1 } } };

    const { body, headers } = await client.post(
      TOYS,
      toy('pruned', spec, { status: { phase: 'X' }, other: 1 }),
    );

    expect(body['spec']).toEqual({
      color: 'red',
      size: 1,
      mode: 'plain',
      nested: { depth: 3 },
      free: { any: { thing: 1 } },
    });
    expect(body['status']).toBeUndefined();
    expect(body['other']).toBeUndefined();
    expect(headers.get('warning')).toBe(
      '299 - "unknown field \\"other\\"", 299 - "unknown field \\"spec.extra\\""',
    );
  });

  it('with unknown fields is refused when validation is strict', async () => {
    const spec = { color: 'red', size: 1, extra: 1 };

    const { body } = await client.post(`${TOYS}?fieldValidation=Strict`, toy('strict', spec));

    expect(body).toMatchObject({
      code: 400,
      message:
        'Toy in version "v1" cannot be handled as a Toy: strict decoding error: unknown field "spec.extra"',
    });
  });

  const valid = { color: 'red', size: 1 };
  it.each([
    ['nothing required', {}, 'spec.color: Required value', 'FieldValueRequired'],
    [
      'too large a number',
      { ...valid, size: 9 },
      'spec.size: Invalid value: 9: spec.size in body should be less than or equal to 5',
      'FieldValueInvalid',
    ],
    [
      'another option',
      { ...valid, color: 'gray' },
      'spec.color: Unsupported value: "gray": supported values: "red", "blue"',
      'FieldValueNotSupported',
    ],
    [
      'another type',
      { ...valid, size: 'x' },
      'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
      'FieldValueTypeInvalid',
    ],
    [
      'too many items',
      { ...valid, tags: ['a', 'b', 'c'] },
      'spec.tags: Too many: 3: must have at most 2 items',
      'FieldValueTooMany',
    ],
    [
      'another pattern',
      { ...valid, name: 'b' },
      'spec.name: Invalid value: "b": spec.name in body should match \'^a+$\'',
      'FieldValueInvalid',
    ],
    [
      'a key twice',
      { ...valid, keyed: [{ k: 'a' }, { k: 'a' }] },
      'spec.keyed[1]: Duplicate value: {"k":"a"}',
      'FieldValueDuplicate',
    ],
    [
      'neither number nor text',
      { ...valid, either: true },
      'spec.either: Invalid value: "boolean": spec.either in body must be of type integer,string: "boolean"',
      'FieldValueTypeInvalid',
    ],
  ])('with %s is refused', async (_name, spec, message, reason) => {
    const { body } = await client.post(TOYS, toy('wrong', spec));

    expect(body).toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: { group: 'example.dev', kind: 'Toy' },
    });
    expect(body['message']).toContain(message);
    expect(body.details.causes).toContainEqual(expect.objectContaining({ reason }));
  });

  it('keeps spec and status apart, and counts generations for the spec alone', async () => {
    await client.post(TOYS, toy('split', valid));

    const labels = { from: 'status' };
    await client.patch('merge', `${TOYS}/split/status`, {
      metadata: { labels },
      spec: { size: 4 },
      status: { phase: 'P' },
    });
    const byStatus = await client.get(`${TOYS}/split`);
    const bySpec = await client.patch('merge', `${TOYS}/split`, {
      spec: { size: 3 },
      status: { phase: 'Q' },
    });

    expect(byStatus.body).toMatchObject({
      metadata: { generation: 1 },
      spec: { size: 1 },
      status: { phase: 'P' },
    });
    expect(byStatus.body.metadata['labels']).toBeUndefined();
    expect(bySpec.body).toMatchObject({
      metadata: { generation: 2 },
      spec: { size: 3 },
      status: { phase: 'P' },
    });
  });

  it('is not replaced without a version', async () => {
    await client.post(TOYS, toy('versioned', valid));

    const { body } = await client.put(`${TOYS}/versioned`, toy('versioned', valid));

    expect(body).toMatchObject({
      code: 422,
      message:
        'toys.example.dev "versioned" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    });
  });

  it('takes no strategic patch', async () => {
    const { status } = await client.patch('strategic', `${TOYS}/split`, {});

    expect(status).toBe(415);
  });

  it('shows its columns in tables', async () => {
    await client.post(TOYS, toy('shown', valid));

    const { body } = await client.get(`${TOYS}/shown`, 'application/json;as=Table;v=v1;g=meta.k8s.io');

    expect(body).toMatchObject({
      kind: 'Table',
      columnDefinitions: [{ name: 'Name' }, { name: 'Color' }],
      rows: [{ cells: ['shown', 'red'], object: { kind: 'PartialObjectMetadata' } }],
    });
  });

  it('goes with its definition, and is then unknown', async () => {
    const other = structuredClone(crd);
    other.metadata.name = 'games.example.org';
    other.spec.group = 'example.org';
    other.spec.names = { plural: 'games', kind: 'Game', shortNames: [] };
    const path = '/apis/example.org/v1/namespaces/play/games';
    await client.post(CRDS, other);
    await client.post(path, { ...toy('chess', valid), apiVersion: 'example.org/v1', kind: 'Game' });

    await client.delete(`${CRDS}/games.example.org`);

    expect((await client.get(`${CRDS}/games.example.org`)).status).toBe(404);
    expect(server.store.dump('games.example.org')).toEqual([]);
    expect((await client.get(path)).body).toEqual({ text: '404 page not found\n' });
  });
});
