import type { Cursor, Rule, Tell } from '../cursor.js';
import { isLabelKey, isLabelValue } from './names.js';

/** Those whose pods an operator places. */
export const SECTIONS = ['lab', 'fileserver', 'fsadmin'];
const REFUSED = 'Kubernetes will refuse it';

/** What the schema lets through and the API server does not (contract, appendix C). */
export const tolerations: Rule = (file, tell) => {
  for (const toleration of SECTIONS.flatMap((section) => file.at(section, 'tolerations').items())) {
    seconds(toleration, tell);
    const key = toleration.at('key');
    if (key.text !== undefined && key.text !== '' && !isLabelKey(key.text)) {
      tell.warning(key, `${REFUSED}, expected the key of a taint`);
    }
    const value = toleration.at('value');
    if (value.text !== undefined && !isLabelValue(value.text)) {
      tell.warning(value, `${REFUSED}, expected the value of a taint`);
    }
  }
};

function seconds(toleration: Cursor, tell: Tell): void {
  const at = toleration.at('tolerationSeconds');
  if (!at.exists || toleration.at('effect').text === 'NoExecute') return;
  tell.warning(at, `is given without effect NoExecute, ${REFUSED}, expected no tolerationSeconds`);
}

export const nodeAffinity: Rule = (file, tell) => {
  for (const affinity of SECTIONS.map((section) => file.at(section, 'affinity', 'nodeAffinity'))) {
    for (const rule of affinity.at('preferredDuringSchedulingIgnoredDuringExecution').items()) {
      const weight = Number(rule.at('weight').value);
      if (weight < 1 || weight > 100) {
        tell.warning(rule.at('weight'), `${REFUSED}, expected a number from 1 to 100`);
      }
    }
    const required = affinity.at('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
    if (Array.isArray(required.value) && required.value.length === 0) {
      tell.warning(required, 'is empty and has no effect, expected at least one term');
    }
  }
};

const READ = new Set(['cpu', 'memory']);

/** Other resources are dropped, as by today's controller; whoever asks for a GPU here should know. */
export const otherResources: Rule = (file, tell) => {
  const holders = [...file.at('lab', 'sizes').items(), file.at('fileserver'), file.at('fsadmin')];
  const amounts = holders.flatMap((holder) => [
    ...holder.at('resources', 'limits').items(),
    ...holder.at('resources', 'requests').items(),
  ]);
  for (const amount of amounts) {
    if (!READ.has(amount.key)) tell.warning(amount, 'is ignored, expected only cpu and memory');
  }
};
