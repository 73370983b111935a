import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRegistry } from '../../simulator/registry/index.js';
import type { Registry } from '../../simulator/registry/index.js';
import { runImages } from './images.js';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

let registry: Registry;
let directory: string;
let configPath: string;
let told: string[];
let warned: string[];

beforeEach(async () => {
  [told, warned] = [[], []];
  const tags = {
    recommended: digest('a'),
    w_2077_44: digest('b'),
    w_2077_43: digest('a'),
    w_2077_42: digest('c'),
    'w_2077_44-arm64': digest('d'),
    r21_0_0: digest('e'),
  };
  registry = await startRegistry({ repository: 'science/lab', tags });
  directory = await mkdtemp(join(tmpdir(), 'berth-cli-images-'));
  configPath = join(directory, 'config.yaml');
  await writeFile(configPath, JSON.stringify(config({})));
});

afterEach(async () => {
  await registry.close();
  await rm(directory, { recursive: true });
});

const amounts = { cpu: 1, memory: '1Gi' };
const config = (images: object) => ({
  images: {
    source: { type: 'docker', registry: registry.host, repository: 'science/lab' },
    dockerCredentialsPath: null,
    pin: ['w_2077_42'],
    numWeeklies: 2,
    ...images,
  },
  dropdownMenu: { weekly: { number: 2 }, release: { cutoffVersion: '22.0.0' } },
  fsadmin: {},
  metrics: { enabled: false, application: 'x' },
  lab: {
    namespacePrefix: 'userlabs',
    sizes: [{ size: 'small', resources: { limits: amounts, requests: amounts } }],
    volumes: [{ name: 'home', source: { type: 'nfs', server: '10.0.0.1', serverPath: '/home' } }],
    volumeMounts: [{ containerPath: '/home', volumeName: 'home' }],
  },
});

const run = (tag?: string): Promise<number> =>
  runImages(
    { tag, configPath, extraPath: undefined },
    {},
    { out: (line) => told.push(line), err: (line) => warned.push(line) },
  );

describe('berth images', () => {
  it('lists every tag, and says why one is not in the menu', async () => {
    expect(await run()).toBe(0);

    expect(told.map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      'TAG | TYPE | IN MENU | ON NODES',
      'recommended | Alias | yes | recommended',
      'r21_0_0 | Release | no: below_cutoff_version | newest',
      'w_2077_44 | Weekly | yes | newest',
      'w_2077_44-arm64 | Weekly | no: for_one_architecture | -',
      'w_2077_43 | Weekly | yes | newest',
      'w_2077_42 | Weekly | no: beyond_number | pinned',
    ]);
  });

  it.each<[string, readonly string[]]>([
    [
      'recommended',
      [
        'recommended: Recommended (Weekly 2077_43) (Alias)',
        `digest: ${digest('a')}`,
        'the same image as: w_2077_43',
        'drop-down menu: yes',
        'kept on nodes: yes, because it is images.recommendedTag',
        'radio menu: yes, first',
      ],
    ],
    [
      'w_2077_42',
      [
        'w_2077_42: Weekly 2077_42 (Weekly)',
        `digest: ${digest('c')}`,
        'drop-down menu: no, because there are dropdownMenu number newer ones of its type',
        'kept on nodes: yes, because it is in images.pin',
        'radio menu: once every node that labs can start on has it',
      ],
    ],
    [
      'w_2077_43',
      [
        'w_2077_43: Weekly 2077_43 (Weekly)',
        `digest: ${digest('a')}`,
        'the same image as: recommended',
        'drop-down menu: yes',
        'kept on nodes: yes, because it is among the newest of its type',
        'radio menu: as recommended, which is the same image',
      ],
    ],
    [
      'w_2077_44-arm64',
      [
        'w_2077_44-arm64: Weekly 2077_44 [arm64] (Weekly)',
        'digest: asked for when somebody wants it',
        'drop-down menu: no, because it ends like an image for one architecture',
        'kept on nodes: no, because it is neither recommended, nor pinned, nor among the newest of its type',
      ],
    ],
  ])('explains %s', async (tag, lines) => {
    expect(await run(tag)).toBe(0);

    expect(told).toEqual(lines);
  });

  it('says which tags of the configuration the registry does not have', async () => {
    await writeFile(
      configPath,
      JSON.stringify(config({ pin: ['w_2077_42', 'w_1999_01'], aliasTags: ['latest'] })),
    );

    expect(await run()).toBe(0);

    expect(warned.filter((line) => line.includes('does not list'))).toEqual([
      'warning: images.pin names w_1999_01, which the registry does not list',
      'warning: images.aliasTags names latest, which the registry does not list',
    ]);
  });

  it('says that a cycle leaves a tag out', async () => {
    await writeFile(configPath, JSON.stringify(config({ cycle: 50 })));

    expect(await run('w_2077_44')).toBe(0);

    expect(told).toContain('drop-down menu: no, because its cycle is not images.cycle');
  });

  it('says that there is no such tag, no such file, no such registry', async () => {
    expect(await run('w_1999_01')).toBe(1);
    expect(warned.at(-1)).toBe('The registry lists no tag "w_1999_01"');

    registry.faults.badJson = true;
    expect(await run()).toBe(1);
    expect(warned.at(-1)).toContain(`http://${registry.host}/v2/science/lab/tags/list`);

    configPath = join(directory, 'none.yaml');
    expect(await run()).toBe(1);
    expect(warned.at(-1)).toContain('none.yaml');
  });

  it('tells what it can while some digests are not told', async () => {
    registry.faults.withoutManifest = ['w_2077_44'];

    expect(await run()).toBe(0);

    expect(warned).toContainEqual(expect.stringContaining('image tag without manifest'));
    expect(told).toHaveLength(7);
  });
});
