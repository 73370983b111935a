import { eachRepeated, textsOf } from '../cursor.js';
import type { Cursor, Rule, Tell } from '../cursor.js';
import { fileKey, LAB_VOLUMES, RESERVED_MOUNTS } from '../reserved.js';
import { volumeNames } from './lab.rules.js';
import { SECTIONS } from './scheduling.rules.js';
import {
  isDataKey,
  isDnsLabel,
  isDnsName,
  isLabelKey,
  isLabelValue,
  LABEL_VALUE,
  REFUSED,
  warnUnless,
} from './names.js';

const LABEL = 'at most 63 lower-case letters, digits and inner hyphens';
const LABEL_KEY = 'the key of a label';
/** Berth finds names that fit; a Nublado controller sends these as they are. */
const RENAMED = 'the pod gets another name for it, and a Nublado controller could start no lab';

/** Volume names of the lab pod: its own, those of files, and those that Berth adds (contract 5.4). */
export const podVolumeNames: Rule = (file, tell) => {
  const names = volumeNames(file.at('lab', 'volumes'));
  names.forEach(warnUnless(isDnsLabel, LABEL, tell));
  eachRepeated(names, (name) =>
    tell.warning(name, `is the name of two volumes, ${REFUSED}, expected each name once`),
  );
  for (const name of names) {
    if (LAB_VOLUMES.has(name.text ?? '')) {
      tell.warning(name, `is the name of a volume of every lab: ${RENAMED}, expected another name`);
    }
  }
  const taken = new Set([...LAB_VOLUMES, ...textsOf(names)]);
  for (const content of file.at('lab', 'files').items()) injectedFile(content, taken, tell);
};

function injectedFile(content: Cursor, taken: Set<string>, tell: Tell): void {
  if (RESERVED_MOUNTS.has(content.key)) return;
  const name = fileKey(content.key);
  if (!isDnsLabel(name)) {
    tell.warning(
      content,
      `makes a volume named "${name.slice(0, 63)}", which is none: ${RENAMED}, expected a file name of ${LABEL}`,
    );
  } else if (taken.has(name)) {
    tell.warning(content, `makes a second volume named "${name}": ${RENAMED}, expected another file name`);
  }
  taken.add(name);
}

export const containerNames: Rule = (file, tell) => {
  const names = file
    .at('lab', 'initContainers')
    .items()
    .map((container) => container.at('name'));
  names.forEach(warnUnless(isDnsLabel, LABEL, tell));
  eachRepeated(names, (name) =>
    tell.warning(name, `is the name of two containers, ${REFUSED}, expected each once`),
  );
  for (const name of names) {
    if (name.text === 'notebook' || name.text?.startsWith('nublado-std-') === true) {
      tell.warning(
        name,
        'is the name of a container of ours, Kubernetes may refuse it, expected another name',
      );
    }
  }
};

/** Names of objects and keys that come from the configuration unchanged. */
export const objectNames: Rule = (file, tell) => {
  const lab = file.at('lab');
  const dnsName = warnUnless(isDnsName, 'lower-case letters, digits, hyphens and dots', tell);
  warnUnless((name) => isDnsLabel(`${name}-a`), LABEL, tell)(lab.at('namespacePrefix'));
  warnUnless(isDnsLabel, LABEL, tell)(file.at('fileserver', 'namespace'));
  if (lab.at('pullSecret').text !== '') dnsName(lab.at('pullSecret'));
  // Its container has the same name.
  warnUnless(isDnsLabel, LABEL, tell)(file.at('fsadmin', 'podName'));
  for (const secret of lab.at('secrets').items()) {
    dnsName(secret.at('secretName'));
    warnUnless(isDataKey, 'letters, digits, hyphens, underscores and dots', tell)(secret.at('secretKey'));
    warnUnless(isVariable, 'a variable name', tell)(secret.at('env'));
  }
  for (const variable of lab.at('env').items()) {
    if (!isDataKey(variable.key)) tell.warning(variable, `${REFUSED}, expected a variable name`);
  }
  const volumes = [lab.at('volumes'), file.at('fsadmin', 'extraVolumes')];
  for (const volume of volumes.flatMap((list) => list.items())) {
    // Without a class a claim is bound to a volume that is there already.
    const storageClass = volume.at('source', 'storageClassName');
    if (storageClass.text !== '') dnsName(storageClass);
  }
};

const isVariable = (name: string): boolean => /^[ -<>-~]+$/.test(name);

/** Labels and annotations, wherever they may be given. */
export const labelsAndAnnotations: Rule = (file, tell) => {
  const sections = SECTIONS.map((section) => file.at(section));
  for (const section of sections) {
    labels(section.at('nodeSelector'), tell);
    labelsOfAffinity(section.at('affinity'), tell);
  }
  for (const section of ['lab', 'fileserver'])
    warnUnless(isLabelValue, LABEL_VALUE, tell)(file.at(section, 'application'));
  const annotations = sections.flatMap((section) => [
    ...section.at('extraAnnotations').items(),
    ...section.at('namespaceAnnotations').items(),
  ]);
  for (const annotation of annotations) {
    if (isLabelKey(annotation.key.toLowerCase())) continue;
    tell.warning(annotation, `${REFUSED}, expected the key of an annotation`);
  }
};

function labels(map: Cursor, tell: Tell): void {
  for (const label of map.items()) {
    if (!isLabelKey(label.key)) tell.warning(label, `${REFUSED}, expected ${LABEL_KEY}`);
    warnUnless(isLabelValue, LABEL_VALUE, tell)(label);
  }
}

const KEYS_OF_LABELS = new Set(['key', 'topologyKey', 'matchLabelKeys', 'mismatchLabelKeys']);

/** However deep in it labels are named. */
function labelsOfAffinity(part: Cursor, tell: Tell): void {
  for (const inner of part.items()) {
    if (inner.key === 'matchLabels') labels(inner, tell);
    else if (KEYS_OF_LABELS.has(inner.key))
      [inner, ...inner.items()].forEach(warnUnless(isLabelKey, LABEL_KEY, tell));
    else labelsOfAffinity(inner, tell);
  }
}
