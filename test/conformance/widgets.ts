import type { Client } from './client.js';
import { listAt, textAt } from './json.js';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export const WIDGETS = 'conformance.berth.dev/v1';

const SPEC = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'string', enum: ['small', 'large'] },
    count: { type: 'integer', format: 'int64', minimum: 1, maximum: 9, default: 3 },
    title: { type: 'string', minLength: 2, maxLength: 8, pattern: '^[a-z]+$' },
    isReady: { type: 'boolean' },
    ratio: { type: 'number' },
    note: { type: 'string', nullable: true },
    tags: { type: 'array', maxItems: 2, items: { type: 'string' } },
    labels: { type: 'object', maxProperties: 2, additionalProperties: { type: 'string' } },
    port: { 'x-kubernetes-int-or-string': true },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    blob: { type: 'string' },
    when: { type: 'string', format: 'date-time' },
    inner: {
      type: 'object',
      default: {},
      properties: { mode: { type: 'string', default: 'calm' }, level: { type: 'integer' } },
    },
    entries: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['number'],
      items: {
        type: 'object',
        required: ['number'],
        properties: { number: { type: 'integer' }, text: { type: 'string' } },
      },
    },
  },
};

const STATUS = {
  type: 'object',
  properties: { phase: { type: 'string', enum: ['pending', 'running'] }, seen: { type: 'integer' } },
};

/** A definition of small things with every kind of rule that our own definitions use. */
export function widgetsDefinition(groupName: string): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${groupName}` },
    spec: {
      group: groupName,
      scope: 'Namespaced',
      names: {
        kind: 'Widget',
        plural: 'widgets',
        singular: 'widget',
        shortNames: ['wd'],
        categories: ['things'],
      },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          selectableFields: [{ jsonPath: '.spec.size' }],
          additionalPrinterColumns: [
            { name: 'Size', type: 'string', jsonPath: '.spec.size' },
            {
              name: 'Count',
              type: 'integer',
              jsonPath: '.spec.count',
              description: 'How many.',
              priority: 1,
            },
            { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              required: ['spec'],
              properties: { spec: SPEC, status: STATUS },
            },
          },
        },
      ],
    },
  };
}

/** Makes widgets known to a server, once; resolves when they are served. */
export async function installWidgets(client: Client): Promise<void> {
  await client.send('POST', CRDS, { body: widgetsDefinition('conformance.berth.dev') });
  for (;;) {
    const { body } = await client.send('GET', `${CRDS}/widgets.conformance.berth.dev`);
    const { status } = await client.send('GET', `/apis/${WIDGETS}/widgets`);
    const isEstablished = listAt(body, 'status', 'conditions').some(
      (each) => textAt(each, 'type') === 'Established' && textAt(each, 'status') === 'True',
    );
    if (isEstablished && status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
