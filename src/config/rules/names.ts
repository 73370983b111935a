import type { Cursor, Tell } from '../cursor.js';

/* What Kubernetes accepts as names; used for warnings only, the API server has the last word. */

export const REFUSED = 'Kubernetes will refuse it';

/** Judges places that hold a text; others are not its business. */
export function warnUnless(accepts: (name: string) => boolean, expected: string, tell: Tell) {
  return (at: Cursor): void => {
    if (at.text !== undefined && !accepts(at.text)) tell.warning(at, `${REFUSED}, expected ${expected}`);
  };
}

/** RFC 1123 label: volume, container and namespace names. */
export function isDnsLabel(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name);
}

/** RFC 1123 subdomain: most object names. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part));
}

/** Key of a ConfigMap or Secret. */
export function isDataKey(key: string): boolean {
  return (
    key.length <= 253 && /^[-._a-zA-Z0-9]+$/.test(key) && !/^\.{1,2}$/.test(key) && !key.startsWith('..')
  );
}

/** Key of a label, toleration or annotation: `[prefix/]name`. */
export function isLabelKey(key: string): boolean {
  const [name = '', prefix, ...rest] = key.split('/').reverse();
  if (rest.length > 0 || (prefix !== undefined && !isDnsName(prefix))) return false;
  return isLabelValue(name) && name !== '';
}

/** How a sentence calls what the next function accepts. */
export const LABEL_VALUE = 'the value of a label (at most 63 letters, digits, "-", "_", ".")';

export function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(value));
}
