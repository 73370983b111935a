import type { NameRule } from '../resources/resource.js';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;

const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY_TEXT =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** Each function answers the complaints about a name, in the API server's words; none means it is valid. */
type NameCheck = (name: string) => string[];

export const subdomainErrors: NameCheck = (name) => check(name, 253, SUBDOMAIN, SUBDOMAIN_TEXT);
export const labelErrors: NameCheck = (name) =>
  name.includes('.') && SUBDOMAIN.test(name) ? ['must not contain dots'] : check(name, 63, LABEL, LABEL_TEXT);
export const label1035Errors: NameCheck = (name) => check(name, 63, LABEL_1035, LABEL_1035_TEXT);

const pathErrors: NameCheck = (name) => {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((char) => name.includes(char)).map((char) => `may not contain '${char}'`);
};

export const NAME_CHECKS: Readonly<Record<NameRule, NameCheck>> = {
  subdomain: subdomainErrors,
  label: labelErrors,
  label1035: label1035Errors,
  path: pathErrors,
};

export const qualifiedNameErrors: NameCheck = (name) => {
  const parts = name.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const own = parts.at(-1) ?? '';
  const errors = prefix === undefined ? [] : prefixErrors(prefix);
  if (own === '') return [...errors, 'name part must be non-empty', QUALIFIED_TEXT];
  if (own.length > 63) errors.push('name part must be no more than 63 bytes');
  if (!QUALIFIED.test(own)) errors.push(QUALIFIED_TEXT);
  return errors;
};

export const labelValueErrors: NameCheck = (value) => {
  const errors = Buffer.byteLength(value) > 63 ? ['must be no more than 63 bytes'] : [];
  return value === '' || QUALIFIED.test(value) ? errors : [...errors, LABEL_VALUE_TEXT];
};

export const configKeyErrors: NameCheck = (key) => {
  const errors = key.length > 253 ? ['must be no more than 253 bytes'] : [];
  if (!CONFIG_KEY.test(key)) errors.push(CONFIG_KEY_TEXT);
  if (key === '.' || key === '..') errors.push(`must not be '${key}'`);
  else if (key.startsWith('..')) errors.push(`must not start with '..'`);
  return errors;
};

function prefixErrors(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  return subdomainErrors(prefix).map((error) => `prefix part ${error}`);
}

function check(name: string, maxBytes: number, form: RegExp, text: string): string[] {
  const errors = name.length > maxBytes ? [`must be no more than ${maxBytes} characters`] : [];
  return form.test(name) ? errors : [...errors, text];
}
