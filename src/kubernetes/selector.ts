import type { KubeObject } from './resource.js';

type Test = (object: KubeObject) => boolean;

/** `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, separated by commas outside brackets. */
const TERM = /^\s*(?:(!)\s*)?([^\s!=,()]+)\s*(?:(==|=|!=)\s*([^\s,()]*)|\s(in|notin)\s*\(([^)]*)\))?\s*$/;

/**
 * A label selector as a function, for objects that come to us outside a watch. Throws on what it cannot read,
 * which is a fault in our own code.
 */
export function labelTest(selector: string): Test {
  const terms = split(selector).map(labelTerm);
  return (object) => terms.every((term) => term(object.metadata?.labels ?? {}));
}

/** A field selector as a function; a missing field counts as the empty string, as on the server. */
export function fieldTest(selector: string): Test {
  const terms = split(selector).map((text) => {
    const [, , path = '', operator, wanted = ''] = TERM.exec(text) ?? fail(text);
    if (operator === undefined) fail(text);
    return (object: KubeObject) => (fieldOf(object, path) === wanted) === (operator !== '!=');
  });
  return (object) => terms.every((term) => term(object));
}

function labelTerm(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const [, not, key = '', operator, value = '', set, list = ''] = TERM.exec(text) ?? fail(text);
  if (operator !== undefined) return (labels) => (labels[key] === value) === (operator !== '!=');
  if (set !== undefined) {
    const values = list.split(',').map((part) => part.trim());
    return (labels) => values.includes(labels[key] ?? '\0') === (set === 'in');
  }
  return (labels) => key in labels === (not === undefined);
}

function fieldOf(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const step of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[step];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

const split = (selector: string): string[] =>
  selector.split(/,(?![^(]*\))/).filter((term) => term.trim() !== '');

function fail(text: string): never {
  throw new Error(`cannot read the selector '${text}'`);
}
