import { badRequest } from '../api-error.js';
import type { Labels } from './entry.js';

export type LabelTest = (labels: Labels | undefined) => boolean;

const KEY = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const SET_FORM = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/;
const EQUALITY = /^([^=!\s]+)\s*(==|=|!=)\s*([^=\s]*)$/;

/** Parses the `labelSelector` of a query, in all forms the API knows; undefined selects everything. */
export function parseLabelSelector(selector: string): LabelTest | undefined {
  const terms = splitTerms(selector);
  if (terms.length === 0) return undefined;
  const tests = terms.map((term) => parseTerm(term, selector));
  return (labels) => tests.every((test) => test(labels));
}

function splitTerms(selector: string): string[] {
  const terms: string[] = [];
  let depth = 0;
  let current = '';
  for (const char of selector) {
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (char === ',' && depth === 0) {
      terms.push(current.trim());
      current = '';
    } else current += char;
  }
  terms.push(current.trim());
  return terms.filter((term) => term !== '');
}

function parseTerm(term: string, selector: string): LabelTest {
  const set = SET_FORM.exec(term);
  if (set) return setTest(set[1] ?? '', set[2] === 'in', set[3] ?? '');
  const equality = EQUALITY.exec(term);
  if (equality) return equalityTest(equality[1] ?? '', equality[2] !== '!=', equality[3] ?? '');
  const absent = term.startsWith('!');
  const key = absent ? term.slice(1).trim() : term;
  if (!KEY.test(key)) throw badRequest(`unable to parse requirement: found '${key}' in '${selector}'`);
  return (labels) => (labels?.[key] !== undefined) !== absent;
}

function setTest(key: string, wanted: boolean, list: string): LabelTest {
  checkKey(key);
  const values = new Set(list.split(',').map((value) => value.trim()));
  return (labels) => {
    const value = labels?.[key];
    if (value === undefined) return !wanted;
    return values.has(value) === wanted;
  };
}

function equalityTest(key: string, wanted: boolean, value: string): LabelTest {
  checkKey(key);
  return (labels) => (labels?.[key] === value) === wanted;
}

function checkKey(key: string): void {
  if (KEY.test(key)) return;
  throw badRequest(
    `unable to parse requirement: <nil>: Invalid value: "${key}": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  );
}
