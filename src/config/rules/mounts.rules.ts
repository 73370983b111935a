import { normalPath } from '../../common/path.js';
import { parseQuantity } from '../../common/quantity.js';
import { eachRepeated, textsOf } from '../cursor.js';
import type { Cursor, Rule, Tell } from '../cursor.js';
import { RESERVED_MOUNTS } from '../reserved.js';
import { volumeNames } from './lab.rules.js';

const REFUSED = 'Kubernetes will refuse it';
/** ConfigMaps hold 1 MiB, keys and the discovery document included. */
const LARGEST_FILES_BYTES = 1024 * 1024;

/** Mount points within one container must differ, and be plain paths. */
export const mountPoints: Rule = (file, tell) => {
  const lab = file.at('lab');
  const runtime = lab.at('runtimeMountsDir').text ?? '/etc/nublado';
  const ours = ['secrets', 'environment', 'runtime'].map((name) => `${runtime}/${name}`);
  const files = lab
    .at('files')
    .items()
    .map((content) => ({ at: content, path: content.key }));
  const secrets = lab
    .at('secrets')
    .items()
    .map((secret) => ({ at: secret.at('path'), path: secret.at('path').text }));
  // The schema refuses mounts and files that are written like a reserved one.
  const chosen = [...mountsOf(lab.at('volumeMounts')), ...files].filter(
    ({ path }) => !RESERVED_MOUNTS.has(path ?? ''),
  );
  const standard = [...ours, '/etc/nublado/discovery/v1.json', '/etc/nublado/startup', ...RESERVED_MOUNTS];
  distinct([...chosen, ...secrets], standard, tell);
  for (const container of lab.at('initContainers').items()) {
    distinct(mountsOf(container.at('volumeMounts')), [], tell);
  }
  distinct(mountsOf(file.at('fileserver', 'volumeMounts')), [], tell);
  // Those of labs are mounted there too.
  const mounted = mountsOf(lab.at('volumeMounts')).flatMap(({ path }) => path ?? []);
  distinct(mountsOf(file.at('fsadmin', 'extraVolumeMounts')), mounted, tell);
};

interface MountPoint {
  readonly at: Cursor;
  readonly path: string | undefined;
}

function mountsOf(mounts: Cursor): MountPoint[] {
  return mounts.items().map((mount) => {
    const at = mount.at('containerPath');
    return { at, path: at.text };
  });
}

/** Kubernetes compares what is written; of two spellings of one place, the container sees one mount only. */
function distinct(points: readonly MountPoint[], standard: readonly string[], tell: Tell): void {
  const written = new Set(standard);
  const places = new Set(standard.map(normalPath));
  for (const { at, path } of points) {
    if (path === undefined) continue;
    const place = normalPath(path);
    if (written.has(path)) tell.warning(at, `is mounted twice, ${REFUSED}, expected another path`);
    else if (places.has(place))
      tell.warning(at, `is mounted twice (as ${place}), one hides the other, expected another path`);
    if (path.includes(':'))
      tell.warning(
        at,
        'holds a colon, which Kubernetes does not promise to take, expected a path without one',
      );
    written.add(path);
    places.add(place);
  }
}

export const subPaths: Rule = (file, tell) => {
  const lab = file.at('lab');
  const lists = [
    lab.at('volumeMounts'),
    file.at('fileserver', 'volumeMounts'),
    file.at('fsadmin', 'extraVolumeMounts'),
    ...lab
      .at('initContainers')
      .items()
      .map((container) => container.at('volumeMounts')),
  ];
  for (const mount of lists.flatMap((list) => list.items())) {
    const at = mount.at('subPath');
    if (at.text?.startsWith('/') === true || at.text?.split('/').includes('..') === true) {
      tell.warning(at, `leaves its volume, ${REFUSED}, expected a relative path without ..`);
    }
  }
};

export const volumeSources: Rule = (file, tell) => {
  for (const volume of [
    ...file.at('lab', 'volumes').items(),
    ...file.at('fsadmin', 'extraVolumes').items(),
  ]) {
    const source = volume.at('source');
    for (const path of [source.at('path'), source.at('serverPath')]) {
      if (path.text?.split('/').includes('..') === true) {
        tell.warning(path, `holds "..", ${REFUSED}, expected a path without it`);
      }
    }
    if (source.at('type').text === 'persistentVolumeClaim') claim(source, tell);
  }
};

function claim(source: Cursor, tell: Tell): void {
  const modes = source.at('accessModes');
  if (Array.isArray(modes.value) && modes.value.length === 0) {
    tell.warning(modes, `is empty, ${REFUSED}, expected one such as ReadWriteMany`);
  }
  const requests = source.at('resources', 'requests');
  if (!requests.at('storage').exists) {
    tell.warning(requests, `lacks storage, ${REFUSED}, expected storage with a size such as 10Gi`);
  }
  for (const request of requests.items()) {
    const written = typeof request.value === 'number' ? String(request.value) : request.text;
    if (written !== undefined && (parseQuantity(written)?.nanos ?? 0n) <= 0n) {
      tell.warning(request, `is no quantity above zero, ${REFUSED}, expected one such as 10Gi`);
    }
  }
}

export const fileContents: Rule = (file, tell) => {
  const files = file.at('lab', 'files');
  const size = files.items().reduce((sum, content) => sum + Buffer.byteLength(content.text ?? ''), 0);
  if (size > LARGEST_FILES_BYTES) {
    tell.warning(files, `together exceed 1 MiB, ${REFUSED}, expected less (a ConfigMap holds no more)`);
  }
};

/** Extra volumes of fsadmin stand beside the lab's in one pod. */
export const fsadminVolumes: Rule = (file, tell) => {
  const own = volumeNames(file.at('fsadmin', 'extraVolumes'));
  const all = [...volumeNames(file.at('lab', 'volumes')), ...own];
  eachRepeated(all, (name) => {
    if (name.path[0] !== 'fsadmin') return;
    tell.warning(name, `is the name of two volumes, ${REFUSED}, expected each name once`);
  });
  const known = textsOf(all);
  for (const mount of file.at('fsadmin', 'extraVolumeMounts').items()) {
    const name = mount.at('volumeName');
    if (name.text === undefined || known.has(name.text)) continue;
    tell.warning(name, `names no volume, ${REFUSED}, expected one of lab.volumes or fsadmin.extraVolumes`);
  }
};
