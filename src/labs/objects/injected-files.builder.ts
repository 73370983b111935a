import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { fileKey } from '../../config/index.js';
import { fingerprint } from '../../common/slug.js';
import type { LabPodSettings } from './settings.js';

/** Names that every lab pod gives to volumes of its own (contract 5.4). */
const OWN_VOLUMES = [
  'passwd',
  'group',
  'discovery-v1-json',
  'secrets',
  'env',
  'tmp',
  'runtime',
  'lab-startup',
];
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Where an injected file is kept: `key` is both its key in the ConfigMap and the name of its volume. */
export interface InjectedFile {
  readonly path: string;
  readonly content: string;
  readonly key: string;
  /** Name under which the volume shows it. */
  readonly item: string;
}

export interface PodNames {
  /** What the pod calls a configured volume. */
  volume(configured: string): string;
  readonly files: readonly InjectedFile[];
}

/**
 * Names within the pod: as the contract has them where they are valid and free, else with a suffix from the full name
 * or path, so that no two files or volumes can make the pod invalid. What the pod needs itself comes first, then the
 * configured volumes, then the files.
 */
export function podNames(settings: Pick<LabPodSettings, 'volumes' | 'files'>): PodNames {
  const taken = new Set(OWN_VOLUMES);
  const volumes = new Map(settings.volumes.map(({ name }) => [name, claimName(taken, name, name)]));
  const files = Object.entries(settings.files).map(([path, content]): InjectedFile => {
    const base = baseName(path);
    const key = claimName(taken, fileKey(path), path);
    return { path, content, key, item: base === '' || /^\.(\.|$)/.test(base) ? key : base };
  });
  return { volume: (configured) => volumes.get(configured) ?? configured, files };
}

function claimName(taken: Set<string>, wanted: string, source: string): string {
  let name = wanted;
  for (let round = 0; taken.has(name) || !DNS_LABEL.test(name); round += 1) {
    const readable = wanted
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 50)
      .replace(/^-|-$/g, '');
    name = `${readable === '' ? 'file' : readable}-${fingerprint([source, String(round)], 6)}`;
  }
  taken.add(name);
  return name;
}

const baseName = (path: string): string => path.replace(/\/+$/, '').replace(/^.*\//s, '');

/** The volume that shows one file, and its mount at the configured path. */
export function fileVolume(file: InjectedFile, configMap: string): Plain<V1Volume> {
  return { name: file.key, configMap: { name: configMap, items: [{ key: file.key, path: file.item }] } };
}

export function fileMount(file: InjectedFile): Plain<V1VolumeMount> {
  return { name: file.key, mountPath: file.path, subPath: file.item, readOnly: true };
}
