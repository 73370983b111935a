import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadSettings } from '../../src/config/load.js';
import type { Settings } from '../../src/config/settings.js';

/** A piece of a configuration file, in the file's own words. */
export type ConfigPiece = Readonly<Record<string, unknown>>;

const BASE: ConfigPiece = {
  images: {
    source: { type: 'docker', registry: 'registry.example.org', repository: 'science/lab' },
    recommendedTag: 'recommended',
  },
  fsadmin: {},
  lab: {
    namespacePrefix: 'userlabs',
    sizes: [
      size('small', [1, '3Gi'], [0.25, '768Mi']),
      size('medium', [2, '6Gi'], [0.5, '1536Mi']),
      size('large', [4, '12Gi'], [1, '3Gi']),
    ],
    volumes: [{ name: 'home', source: { type: 'nfs', server: '10.13.105.122', serverPath: '/share1/home' } }],
    volumeMounts: [{ containerPath: '/home', volumeName: 'home' }],
  },
};

const ENVIRONMENT = {
  EXTERNAL_INSTANCE_URL: 'https://data.example.org',
  REPERTOIRE_BASE_URL: 'https://data.example.org/repertoire',
  NUBLADO_CONTROLLER_REPOSITORY: 'registry.example.org/platform/utility',
  NUBLADO_CONTROLLER_TAG: '1.2.3',
};

/**
 * Settings as the real loader makes them from a small file with `piece` laid over it: maps are merged, everything else
 * is replaced, and `null` takes a key away.
 */
export function someSettings(
  piece: ConfigPiece = {},
  environment: Readonly<Record<string, string>> = {},
): Settings {
  const directory = mkdtempSync(join(tmpdir(), 'berth-settings-'));
  try {
    const configPath = join(directory, 'config.yaml');
    writeFileSync(configPath, JSON.stringify(merged(BASE, piece)));
    return loadSettings({ configPath, env: { ...ENVIRONMENT, ...environment } }).settings;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

type Amounts = readonly [cpu: number, memory: string];

function size(name: string, [cpu, memory]: Amounts, [cpuRequest, memoryRequest]: Amounts): ConfigPiece {
  const requests = { cpu: cpuRequest, memory: memoryRequest };
  return { size: name, resources: { limits: { cpu, memory }, requests } };
}

function merged(base: ConfigPiece, piece: ConfigPiece): ConfigPiece {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(piece)) {
    const below = result[key];
    result[key] = isMap(below) && isMap(value) ? merged(below, value) : value;
    if (value === null) Reflect.deleteProperty(result, key);
  }
  return result;
}

const isMap = (value: unknown): value is ConfigPiece =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
