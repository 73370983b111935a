import { eachRepeated, textsOf } from '../cursor.js';
import type { Cursor, Rule, Tell } from '../cursor.js';
import { flag } from '../values.js';

/** Names that one place of the lab section uses and another must define (contract 3.6). */
export const labReferences: Rule = (file, tell) => {
  const lab = file.at('lab');
  const volumes = textsOf(volumeNames(lab.at('volumes')));
  checkMounts(lab.at('volumeMounts'), { known: volumes, of: 'lab.volumes' }, tell);
  for (const container of lab.at('initContainers').items()) {
    checkMounts(container.at('volumeMounts'), { known: volumes, of: 'lab.volumes' }, tell);
  }
  const fileserver = file.at('fileserver');
  if (isTrue(fileserver.at('enabled'))) {
    checkMounts(fileserver.at('volumeMounts'), { known: volumes, of: 'lab.volumes' }, tell);
  }
};

export const volumeNames = (volumes: Cursor): Cursor[] => volumes.items().map((volume) => volume.at('name'));

export const isTrue = (at: Cursor): boolean => flag().safeParse(at.value).data === true;

function checkMounts(mounts: Cursor, volumes: { known: Set<string>; of: string }, tell: Tell): void {
  for (const mount of mounts.items()) {
    const name = mount.at('volumeName');
    if (name.text !== undefined && !volumes.known.has(name.text)) {
      tell.problem(name, `names no volume, expected the name of one of ${volumes.of}`);
    }
  }
}

export const labSizes: Rule = (file, tell) => {
  const sizes = file.at('lab', 'sizes');
  const names = sizes.items().map((size) => size.at('size'));
  eachRepeated(names, (name) => tell.problem(name, 'is the name of two sizes, expected each name once'));
  if (file.at('lab').exists && !sizes.exists)
    tell.warning(file.at('lab'), 'has no sizes, so no lab can be started; expected at least one');
  const preferred = file.at('lab', 'defaultSize');
  if (preferred.text !== undefined && !textsOf(names).has(preferred.text)) {
    tell.problem(preferred, 'names no size, expected the name of one of lab.sizes');
  }
};

export const labSecrets: Rule = (file, tell) => {
  const keys = file
    .at('lab', 'secrets')
    .items()
    .map((secret) => secret.at('secretKey'));
  eachRepeated(keys, (key) => tell.problem(key, 'is used by two secrets, expected each secretKey once'));
  for (const key of keys) {
    if (key.text === 'token')
      tell.problem(key, "is the key of the user's own token, expected another secretKey");
  }
};

/** Homes must lie on a volume; files that are older than this demand are only warned. */
export const homeVolume: Rule = (file, tell) => {
  const lab = file.at('lab');
  if (!lab.exists || !lab.at('volumes').isListOrAbsent) return;
  const named = lab.at('homeVolumeName');
  const name = named.text ?? 'home';
  if (textsOf(volumeNames(lab.at('volumes'))).has(name)) return;
  const at = named.exists ? named : lab.at('volumes');
  if (isTrue(lab.at('standardInithome'))) {
    tell.problem(
      at,
      `lacks the volume "${name}" that standardInithome prepares, expected a volume of this name`,
    );
    return;
  }
  if (isTrue(file.at('berth', 'acceptEphemeralHome'))) return;
  const expected = `expected a volume named "${name}" (or berth.acceptEphemeralHome: true)`;
  if (!named.exists && isEarlierGeneration(file)) {
    tell.warning(at, `names no volume "${name}", so homes may not outlive a lab; ${expected}`);
  } else {
    tell.problem(at, `lacks the volume for homes, ${expected}`);
  }
};

/** Files written before `fsadmin` and `homeVolumeName` existed (contract 3.8). */
function isEarlierGeneration(file: Cursor): boolean {
  const lab = file.at('lab');
  const older = [file.at('profile'), lab.at('tmpSource'), file.at('images', 'source', 'credentialsPath')];
  const olderSizes = lab.at('sizes').items();
  return (
    !file.at('fsadmin').exists ||
    [...older, ...olderSizes.map((size) => size.at('cpu'))].some((at) => at.exists)
  );
}
