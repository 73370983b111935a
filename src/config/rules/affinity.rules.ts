import { textsOf } from '../cursor.js';
import type { Cursor, Rule, Tell } from '../cursor.js';
import { isDnsLabel, isDnsName, isLabelValue, LABEL_VALUE, REFUSED, warnUnless } from './names.js';
import { SECTIONS } from './scheduling.rules.js';

/* What the API server refuses of an affinity besides its keys and labels; each was tried on a real one (1.35). */

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

export const nodeTerms: Rule = (file, tell) => {
  for (const affinity of SECTIONS.map((section) => file.at(section, 'affinity', 'nodeAffinity'))) {
    const required = affinity.at(REQUIRED, 'nodeSelectorTerms').items();
    const preferred = affinity
      .at(PREFERRED)
      .items()
      .map((rule) => rule.at('preference'));
    // Labels that are only preferred may have any value.
    for (const term of required) labelValues(term, tell);
    for (const term of [...required, ...preferred]) nodeFields(term.at('matchFields'), tell);
  }
};

/** A node has one field that can be asked for: its name. */
function nodeFields(expressions: Cursor, tell: Tell): void {
  for (const expression of expressions.items()) {
    warnUnless((key) => key === 'metadata.name', 'metadata.name', tell)(expression.at('key'));
    warnUnless((word) => /^(?:Not)?In$/.test(word), 'In or NotIn', tell)(expression.at('operator'));
    const names = expression.at('values').items();
    if (names.length > 1)
      tell.warning(
        expression.at('values'),
        `holds several names, ${REFUSED}, expected one in each expression`,
      );
    names.forEach(warnUnless(isDnsName, 'the name of a node', tell));
  }
}

export const podTerms: Rule = (file, tell) => {
  const kinds = SECTIONS.flatMap((section) => {
    const affinity = file.at(section, 'affinity');
    return [affinity.at('podAffinity'), affinity.at('podAntiAffinity')];
  });
  for (const rules of kinds) {
    const preferred = rules
      .at(PREFERRED)
      .items()
      .map((rule) => rule.at('podAffinityTerm'));
    for (const term of [...rules.at(REQUIRED).items(), ...preferred]) podTerm(term, tell);
  }
};

function podTerm(term: Cursor, tell: Tell): void {
  for (const selector of ['labelSelector', 'namespaceSelector']) labelValues(term.at(selector), tell);
  term
    .at('namespaces')
    .items()
    .forEach(warnUnless(isDnsLabel, 'the name of a namespace', tell));
  const lists = [term.at('matchLabelKeys'), term.at('mismatchLabelKeys')] as const;
  for (const keys of lists) {
    if (keys.items().length > 0 && !term.at('labelSelector').exists)
      tell.warning(keys, `has no labelSelector beside it, ${REFUSED}, expected one`);
  }
  const matched = textsOf(lists[0].items());
  for (const key of lists[1].items()) {
    if (matched.has(key.text ?? ''))
      tell.warning(key, `is one of matchLabelKeys too, ${REFUSED}, expected it once`);
  }
}

function labelValues(term: Cursor, tell: Tell): void {
  const values = term
    .at('matchExpressions')
    .items()
    .flatMap((expression) => expression.at('values').items());
  values.forEach(warnUnless(isLabelValue, LABEL_VALUE, tell));
}
