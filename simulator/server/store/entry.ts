import type { KubeObject } from '../objects.js';

export type Labels = Readonly<Record<string, string>>;

/**
 * One stored version of an object. It never changes: a write makes a new entry. Only the text is kept, since 40,000
 * parsed objects would need several times the memory; labels and selectable fields lie beside it for the selectors.
 */
export interface Entry {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly revision: number;
  readonly labels: Labels | undefined;
  readonly fields: Labels | undefined;
  /** Begins with `{"kind":K,"apiVersion":V,`, which the encoders rely on. */
  readonly json: string;
}

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One write, as watches tell it. */
export interface Change {
  readonly type: ChangeType;
  readonly revision: number;
  readonly entry: Entry;
  readonly previous: Entry | undefined;
  /** The line of each encoding, made once for all watches. */
  readonly lines: Map<string, Buffer>;
}

/** The text before the first field that is not kind or apiVersion. */
export function head(kind: string, apiVersion: string): string {
  return `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`;
}

const LINE_BREAKS = /[\u2028\u2029]/;
const EACH_BREAK = /[\u2028\u2029]/g;

function escaped(char: string): string {
  return char === '\u2028' ? '\\u2028' : '\\u2029';
}

/** JSON as Go writes it: the two line separators of Unicode are escaped, since some readers split lines at them. */
export function serialise(object: KubeObject): string {
  const { kind, apiVersion, metadata, ...rest } = object;
  const text = JSON.stringify({ kind, apiVersion, metadata, ...rest });
  return LINE_BREAKS.test(text) ? text.replace(EACH_BREAK, escaped) : text;
}

export function parse(entry: Entry): KubeObject {
  return JSON.parse(entry.json) as KubeObject;
}
