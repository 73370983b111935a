import type { Fields } from '../objects.js';
import type { Registry } from '../resources/registry.js';
import type { Resource } from '../resources/resource.js';
import { apiVersionOf } from '../resources/resource.js';

/** Just enough of OpenAPI that kubectl validates on the server and finds every kind. */
export function openapiV3Index(registry: Registry): Fields {
  const paths: Fields = {};
  for (const resource of registry.all()) {
    const path = pathOf(resource);
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}` };
  }
  return { paths };
}

/** The document of one group and version, by its path such as `apis/batch/v1`; undefined when there is none. */
export function openapiV3Document(registry: Registry, path: string): Fields | undefined {
  const resources = registry.all().filter((resource) => pathOf(resource) === path);
  if (resources.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.35.1' },
    paths: Object.assign({}, ...resources.map((resource) => pathsOf(resource, 3))) as Fields,
    components: {
      schemas: Object.fromEntries(resources.map((resource) => [schemaName(resource), schemaOf(resource)])),
    },
  };
}

export function openapiV2Document(registry: Registry): Fields {
  const resources = registry.all();
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.35.1' },
    paths: Object.assign({}, ...resources.map((resource) => pathsOf(resource, 2))) as Fields,
    definitions: Object.fromEntries(resources.map((resource) => [schemaName(resource), schemaOf(resource)])),
  };
}

/**
 * An OpenAPI v2 document without models, as protocol buffer: kubectl wants no other form for files of kind `List`,
 * and with nothing in it leaves validation to the server.
 */
export function openapiV2Protobuf(): Buffer {
  const field = (number: number, value: Buffer): Buffer =>
    Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value]);
  const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));
  const info = Buffer.concat([text(1, 'Kubernetes'), text(2, 'v1.35.1')]);
  return Buffer.concat([
    text(1, '2.0'),
    field(2, info),
    field(8, Buffer.alloc(0)),
    field(9, Buffer.alloc(0)),
  ]);
}

function pathOf({ group, version }: Resource): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

function schemaName(resource: Resource): string {
  const group = resource.group === '' ? 'core' : resource.group;
  return `${group.split('.').reverse().join('.')}.${resource.version}.${resource.kind}`;
}

function schemaOf(resource: Resource): Fields {
  const schema = resource.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return { ...schema, 'x-kubernetes-group-version-kind': [kindOf(resource)] };
}

function kindOf({ group, version, kind }: Resource): Fields {
  return { group, kind, version };
}

function pathsOf(resource: Resource, generation: 2 | 3): Fields {
  const scope = resource.namespaced ? '/namespaces/{namespace}' : '';
  const base = `/${pathOf(resource)}${scope}/${resource.plural}`;
  const operation = (action: string): Fields => ({
    operationId: `${action}${apiVersionOf(resource)}${resource.kind}`,
    parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => parameter(name, generation)),
    responses: { '200': { description: 'OK' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kindOf(resource),
  });
  return {
    [base]: { post: operation('post') },
    [`${base}/{name}`]: { put: operation('put'), patch: operation('patch') },
  };
}

function parameter(name: string, generation: 2 | 3): Fields {
  const type = { type: 'string', uniqueItems: true };
  return { name, in: 'query', ...(generation === 2 ? type : { schema: type }) };
}
