import { describe, expect, it } from 'vitest';

import { pruneBuiltin } from './builtin-types.js';

const pod = (container: object, spec: object = {}, metadata: object = {}) => ({
  metadata: { name: 'p', ...metadata },
  spec: { containers: [{ name: 'a', image: 'b', ...container }], ...spec },
});

describe('pruneBuiltin', () => {
  it('removes and names the fields that a kind does not have', () => {
    const object = pod({ foo: 1, securityContext: { bar: 1 } }, { zed: 1 });

    const unknown = pruneBuiltin(object, '', 'Pod');

    expect(unknown).toEqual(['spec.containers[0].foo', 'spec.containers[0].securityContext.bar', 'spec.zed']);
    expect(object).toEqual(pod({ securityContext: {} }));
  });

  it('leaves a valid object alone', () => {
    const object = pod(
      {
        ports: [{ containerPort: 80 }],
        resources: { limits: { cpu: 1, memory: '1Gi' } },
        env: [{ name: 'A', value: '1' }],
      },
      { nodeSelector: { a: 'b' }, volumes: [{ name: 'v', emptyDir: {} }] },
      { labels: { a: 'b' }, managedFields: [{ anything: 1 }] },
    );
    const before = structuredClone(object);

    expect(pruneBuiltin(object, '', 'Pod')).toEqual([]);
    expect(object).toEqual(before);
  });

  // Each message was recorded from Kubernetes 1.35.1.
  it.each([
    [
      pod({ env: [{ name: 'A', value: 1 }] }),
      'number into Go struct field EnvVar.spec.containers.env.value of type string',
    ],
    [
      pod({}, { containers: 'x' }),
      'string into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      pod({}, {}, { labels: [] }),
      'array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [
      pod({}, {}, { labels: { a: 1 } }),
      'number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      pod({ ports: [{ containerPort: '80' }] }),
      'string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
  ])('refuses a field of another type', (object, message) => {
    const wanted = `Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal ${message}`;

    expect(() => pruneBuiltin(object, '', 'Pod')).toThrow(
      expect.objectContaining({ code: 400, message: wanted }),
    );
  });

  it('passes kinds it has no table of', () => {
    expect(pruneBuiltin({ whatever: 1 }, 'example.dev', 'Toy')).toEqual([]);
  });
});
