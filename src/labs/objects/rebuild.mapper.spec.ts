import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { aBuildInput, aLab, aUser, rachelsLab, someSettings } from '../../../test/gen/index.js';
import { bytes, milliCpu } from '../../common/units.js';
import type { KubeObject } from '../../kubernetes/index.js';
import type { Plain } from '../../common/plain.js';
import { buildLabObjects, rebuildLab } from './index.js';
import type { LabBuildInput, LabRemains } from './index.js';

const settings = someSettings();

/** What a Nublado controller would read of the lab. */
function remains(input: LabBuildInput): LabRemains {
  const { username } = input.lab.wish.owner;
  const objects = buildLabObjects(input);
  const find = (kind: string, name: string): Plain<KubeObject> | undefined =>
    objects.find((built) => built.kind.kind === kind && built.ref.name === name)?.object;
  return {
    username,
    environment: find('ConfigMap', `${username}-nb-env`),
    pod: find('Pod', `${username}-nb`),
    quota: find('ResourceQuota', `${username}-nb`),
  };
}

describe('rebuildLab', () => {
  it("recovers rachel's lab from what we build", () => {
    const input = rachelsLab();
    const { owner, image, size, resources, options, quota, servicePrefix } = input.lab.wish;

    expect(rebuildLab(remains(input), settings)).toEqual({
      kind: 'rebuilt',
      lab: {
        owner,
        image: image.reference,
        displayName: image.displayName,
        size,
        resources,
        options,
        quota,
        servicePrefix,
        phase: 'pending',
      },
    });
  });

  it('recovers every lab that we build', () => {
    const quantities = fc.record({
      cpu: fc.integer({ min: 0, max: 256_000 }).map(milliCpu),
      memory: fc.integer({ min: 0, max: 2 ** 45 }).map(bytes),
    });
    const owner = fc.record({
      name: fc.option(fc.string({ unit: 'binary' })),
      uid: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      gid: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      groups: fc.array(fc.record({ name: fc.string({ unit: 'binary' }), id: fc.nat(2 ** 31 - 1) }), {
        maxLength: 5,
      }),
    });
    const lab = fc.record({
      owner,
      resources: fc.record({ limits: quantities, requests: quantities }),
      quota: fc.option(quantities),
      options: fc.record({ enableDebug: fc.boolean(), resetUserEnv: fc.boolean() }),
    });

    fc.assert(
      fc.property(lab, (parts) => {
        const input = aBuildInput({ settings, lab: aLab({ ...parts, size: 'huge' }) });

        const rebuilding = rebuildLab(remains(input), settings);

        expect(rebuilding).toMatchObject({ kind: 'rebuilt', lab: { ...parts, owner: aUser(parts.owner) } });
      }),
    );
  });

  it('calls a size that nobody configured custom', () => {
    const resources = {
      limits: { cpu: milliCpu(1234), memory: bytes(5) },
      requests: { cpu: milliCpu(1), memory: bytes(5) },
    };
    const input = aBuildInput({ lab: aLab({ resources }) });

    expect(rebuildLab(remains(input), settings)).toMatchObject({ lab: { size: 'custom' } });
  });

  it.each([
    ['Pending', 'pending'],
    ['Running', 'running'],
    ['Succeeded', 'terminated'],
    ['Failed', 'terminated'],
    ['Unknown', 'failed'],
  ])('reads pod phase %s as %s', (phase, state) => {
    const whole = remains(aBuildInput());

    const rebuilding = rebuildLab({ ...whole, pod: { ...whole.pod, status: { phase } } }, settings);

    expect(rebuilding).toMatchObject({ lab: { phase: state } });
  });

  it('reads quantities as the API server gives them back', () => {
    const whole = remains(rachelsLab());
    const quota = { spec: { hard: { 'limits.cpu': '9', 'limits.memory': '27Gi' } } };

    expect(rebuildLab({ ...whole, quota }, settings)).toMatchObject({
      lab: { quota: { cpu: 9000, memory: 27 * 1024 ** 3 } },
    });
  });

  describe('calls a lab malformed', () => {
    const whole = remains(aBuildInput());
    const without = (variable: string) => {
      const kept = Object.entries(whole.environment!.data!).filter(([name]) => name !== variable);
      return { data: Object.fromEntries(kept) };
    };

    it.each<[string, Partial<LabRemains>]>([
      ['environment ConfigMap', { environment: undefined }],
      ['pod', { pod: undefined }],
      ['container notebook', { pod: { spec: { containers: [{ name: 'other' }] } } }],
      ['identity of the user', { pod: { spec: whole.pod!.spec! } }],
      [
        'identity of the user',
        {
          pod: {
            metadata: { annotations: { 'nublado.lsst.io/user-groups': '[1]' } },
            spec: whole.pod!.spec!,
          },
        },
      ],
      ['variables of the environment', { environment: without('MEM_LIMIT') }],
      ['variables of the environment', { environment: without('JUPYTER_IMAGE_SPEC') }],
      ['variables of the environment', { environment: without('JUPYTERHUB_SERVICE_PREFIX') }],
    ])('for want of: %s', (missing, parts) => {
      expect(rebuildLab({ ...whole, ...parts }, settings)).toEqual({ kind: 'malformed', missing });
    });
  });
});
