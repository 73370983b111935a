import { badRequest } from '../api-error.js';
import type { Entry } from './entry.js';

export type FieldTest = (entry: Entry) => boolean;

interface Term {
  readonly field: string;
  readonly wanted: boolean;
  readonly value: string;
}

/**
 * Parses the `fieldSelector` of a query. Name and namespace are known everywhere; `supported` names what else this
 * resource knows. Throws the API's own 400 for any other field; resources that know no other word it differently.
 */
export function parseFieldSelector(
  selector: string,
  supported: readonly string[],
  plain: boolean,
): FieldTest | undefined {
  const terms = splitTerms(selector).map(parseTerm);
  if (terms.length === 0) return undefined;
  for (const { field } of terms) {
    if (field === 'metadata.name' || field === 'metadata.namespace' || supported.includes(field)) continue;
    throw badRequest(
      plain
        ? `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
        : `field label not supported: ${field}`,
    );
  }
  return (entry) => terms.every((term) => (valueOf(entry, term.field) === term.value) === term.wanted);
}

function valueOf(entry: Entry, field: string): string {
  if (field === 'metadata.name') return entry.name;
  if (field === 'metadata.namespace') return entry.namespace;
  return entry.fields?.[field] ?? '';
}

function splitTerms(selector: string): string[] {
  return selector.split(',').filter((term) => term !== '');
}

function parseTerm(term: string): Term {
  const match = /^(.*?)(!=|==|=)(.*)$/.exec(term);
  if (!match) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  return { field: match[1] ?? '', wanted: match[2] !== '!=', value: unescape(match[3] ?? '') };
}

function unescape(value: string): string {
  return value.replace(/\\([\\,=])/g, '$1');
}
