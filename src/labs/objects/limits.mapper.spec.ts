import { describe, expect, it } from 'vitest';

import { aBuildInput, aLab, aRequest, rachelsLab, someSettings } from '../../../test/gen/index.js';
import { buildLabObjects, measureLabObjects, measureRequest } from './index.js';
import type { LabBuildInput, LimitProblem } from './index.js';

const KIB = 1024;
const measured = (input: LabBuildInput): LimitProblem | undefined =>
  measureLabObjects(buildLabObjects(input));
const withEnv = (env: Record<string, string>) => measured(aBuildInput({ request: aRequest({ env }) }));
const inLab = (lab: object) => measured(aBuildInput({ settings: someSettings({ lab }) }));

describe('measureLabObjects', () => {
  it('has nothing against ordinary labs', () => {
    expect(measured(aBuildInput())).toBeUndefined();
    expect(measured(rachelsLab())).toBeUndefined();
  });

  it('accepts empty values, any text and names with dots and dashes', () => {
    expect(withEnv({ EMPTY: '', 'with.dot-and-dash': '\n\t✓ "$(X)"', '1ST_TOKEN': '' })).toBeUndefined();
  });

  it.each(['', ' ', 'with blank', 'a=b', 'ümlaut', '..', '..data', '.', 'x'.repeat(254)])(
    'refuses the variable name %j',
    (name) => {
      expect(withEnv({ [name]: 'value' })?.reason).toBe('environment_name_invalid');
    },
  );

  it.each(['..TOKEN', 'MY TOKEN', `${'x'.repeat(250)}TOKEN`])(
    'refuses the secret variable name %j',
    (name) => {
      const problem = withEnv({ [name]: 'value-that-nobody-may-read' });

      expect(problem?.reason).toBe('environment_name_invalid');
      expect(problem?.message).toContain(name.slice(0, 50));
      expect(problem?.message).not.toContain('nobody-may-read');
    },
  );

  it('refuses values that no process can be given', () => {
    const long = 'v'.repeat(128 * KIB);

    expect(withEnv({ PLAIN: 'a\0b' })?.reason).toBe('environment_value_invalid');
    expect(withEnv({ A_TOKEN: 'a\0b' })?.reason).toBe('environment_value_invalid');
    expect(withEnv({ PLAIN: long })?.reason).toBe('environment_value_too_long');
    expect(withEnv({ A_TOKEN: long })?.message).toContain('"A_TOKEN" is longer than 128 KiB');
  });

  it('measures the values of a ConfigMap to the byte', () => {
    const filled = (spare: number) => {
      const present = aBuildInput();
      const env = Object.entries(buildLabObjects(present)[2]!.object as object).find(
        ([key]) => key === 'data',
      )!;
      const used = Object.values(env[1] as Record<string, string>).join('').length;
      const parts = Array.from({ length: 10 }, (_, index) => [`PART_${index}`, 'é'.repeat(50 * KIB)]);
      const rest = 1024 * KIB - used - 10 * 100 * KIB + spare;
      return withEnv(Object.fromEntries([...parts, ['REST', 'r'.repeat(rest)]]) as Record<string, string>);
    };

    expect(filled(0)).toBeUndefined();
    expect(filled(1)).toEqual({
      reason: 'environment_too_large',
      message: 'ConfigMap rachel-nb-env would take 1048577 bytes, and Kubernetes allows 1048576',
    });
  });

  it('measures what a Secret holds, not its base64', () => {
    const tokens = (count: number) =>
      withEnv(
        Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`TOKEN_${index}`, 's'.repeat(100 * KIB)]),
        ),
      );

    expect(tokens(10)).toBeUndefined();
    expect(tokens(11)?.reason).toBe('environment_too_large');
  });

  it('blames no environment for secrets that the operator configured', () => {
    const content = Buffer.alloc(1025 * KIB, 's').toString('base64');
    const secrets = new Map([['keys', { type: 'Opaque', data: { key: content } }]]);
    const lab = { secrets: [{ secretName: 'keys', secretKey: 'key', env: 'KEY' }] };
    const input = aBuildInput({ settings: someSettings({ lab }) });

    expect(measured({ ...input, secrets })?.reason).toBe('secret_too_large');
  });

  it('refuses annotations beyond 256 KiB', () => {
    const groups = Array.from({ length: 1000 }, (_, id) => ({ name: 'g'.repeat(250), id }));

    const problem = measured(aBuildInput({ lab: aLab({ owner: { groups } }) }));

    expect(problem?.reason).toBe('annotations_too_large');
    expect(problem?.message).toContain('Pod rachel-nb');
    expect(problem?.message).toMatch(/groups, and whoever looks after the identity provider can/);
  });

  it('blames no group for annotations that the configuration has', () => {
    const problem = inLab({ extraAnnotations: { 'example.org/note': 'x'.repeat(257 * KIB) } });

    expect(problem?.reason).toBe('annotations_too_large');
    expect(problem?.message).not.toContain('group');
  });

  it('names the environment where its references fill the pod', () => {
    const tokens = Array.from({ length: 8000 }, (_, index) => [`T${index}_TOKEN`, 'x']);

    const problem = withEnv(Object.fromEntries(tokens) as Record<string, string>);

    expect(problem?.reason).toBe('environment_too_large');
    expect(problem?.message).toMatch(/^Pod rachel-nb would take .* variables/);
  });

  it('refuses an object that etcd would not store', () => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`/${'deep/'.repeat(60)}file-${index}`, '']),
    );

    expect(inLab({ files })?.reason).toBe('object_too_large');
  });

  it('refuses a namespace whose prefix leaves no room for the user', () => {
    const namespacePrefix = 'p'.repeat(50);

    expect(inLab({ namespacePrefix })).toBeUndefined();
    expect(
      measured(
        aBuildInput({
          lab: aLab({ owner: { username: 'Rachel' } }),
          settings: someSettings({ lab: { namespacePrefix } }),
        }),
      )?.reason,
    ).toBe('namespace_name_too_long');
  });

  it('refuses two mounts at one path', () => {
    const problem = inLab({ files: { '/home': 'a file where homes are' } });

    expect(problem).toEqual({
      reason: 'mount_path_twice',
      message: 'The configuration mounts two things at /home in container nublado-std-startup',
    });
  });
});

describe('measureRequest', () => {
  it('counts the variables as they are written', () => {
    const filled = (length: number) => measureRequest({ env: { A: 'x'.repeat(length) }, token: 't' });

    expect(filled(1024 * KIB - '{"A":""}'.length - 1)).toBeUndefined();
    expect(filled(1024 * KIB - '{"A":""}'.length)?.reason).toBe('secret_too_large');
  });
});
