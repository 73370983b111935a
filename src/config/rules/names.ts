/* What Kubernetes accepts as names; used for warnings only, the API server has the last word. */

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

export function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(value));
}
