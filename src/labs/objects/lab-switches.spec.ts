import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { LAB_SWITCHES, OTHER_LAB_SWITCHES } from '../../../test/gen/lab-switches.gen.js';
import type { LabSwitch } from '../../../test/gen/lab-switches.gen.js';
import { aBuildInput, aLab, aRequest, someSettings } from '../../../test/gen/index.js';
import { expectGolden } from '../../../test/support/golden.js';
import { changesOf } from '../../../test/support/object-changes.js';
import { switchesOf } from '../../../test/support/schema-switches.js';
import { buildLabObjects } from './index.js';
import type { LabObject } from './index.js';

const SECRETS = new Map([
  ['lab-secret', { data: { database: 'cG9zdGdyZXM6Ly94' } }],
  ['registry-pull', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'e30=' } }],
]);

const made = new Map<string, readonly LabObject[]>();

/** The objects of a lab of the first size that the configuration has; many switches begin at the same one. */
function built(one: LabSwitch): readonly LabObject[] {
  const known = JSON.stringify(one);
  const objects = made.get(known) ?? build(one);
  made.set(known, objects);
  return objects;
}

function build({ lab = {}, berth = {}, environment = {} }: LabSwitch): readonly LabObject[] {
  const settings = someSettings({ lab, berth }, environment);
  const [first] = settings.lab.sizes;
  if (!first) throw new Error('the configuration has no size');
  const input = aBuildInput({
    lab: aLab({ owner: { gid: 2028 }, size: first.size, resources: first.resources }),
    request: aRequest(),
    settings,
  });
  return buildLabObjects({ ...input, secrets: SECRETS });
}

const changesBy = ({ beside = {}, lab = {}, ...rest }: LabSwitch): ReturnType<typeof changesOf> =>
  changesOf(built({ lab: beside }), built({ ...rest, lab: { ...beside, ...lab } }));

/** `a.b` of every value that a piece of configuration holds, lists looked through. */
function keysIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysIn(item, path));
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) => keysIn(inner, path === '' ? key : `${path}.${key}`)),
  ];
}

describe('each switch of the configuration', () => {
  it.each(Object.entries(LAB_SWITCHES))('%s changes what its golden file shows', (name, one) => {
    const changes = changesBy(one);

    expect(Object.keys(changes)).not.toEqual([]);
    expectGolden(`labs/switches/${name}`, changes);
  });

  it.each(Object.entries(OTHER_LAB_SWITCHES))('%s changes no object', (key, value) => {
    expect(changesBy({ lab: { [key]: value } })).toEqual({});
  });

  it('of the section lab is among them', () => {
    const schema = JSON.parse(readFileSync('docs/config.schema.json', 'utf8')) as object;
    const shown = new Set([
      ...Object.values(LAB_SWITCHES).flatMap(({ lab }) => keysIn(lab ?? {})),
      ...keysIn(OTHER_LAB_SWITCHES),
    ]);

    const switches = switchesOf(schema, 'lab');

    expect(switches.length).toBeGreaterThan(60);
    expect(switches.filter((key) => !shown.has(key))).toEqual([]);
  });

  it('has one golden file, and no golden file is left of one that is gone', () => {
    const files = readdirSync('test/golden/labs/switches').map((file) => file.replace(/\.json$/, ''));

    expect(files.sort()).toEqual(Object.keys(LAB_SWITCHES).sort());
  });
});
