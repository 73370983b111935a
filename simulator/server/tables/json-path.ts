import { isFields } from '../objects.js';

const STEP =
  /\.([A-Za-z0-9_$-]+)|\['([^']+)'\]|\.?\[(\*|-?\d+)\]|\[\?\(@\.([A-Za-z0-9_.]+)\s*==\s*["']([^"']*)["']\)\]/gy;

/** Stands for an escaped dot while a path is cut at its dots. */
const DOT = '$dot$';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'where'; readonly field: string; readonly value: string };

/** Compiles the JSONPath of a printer column: fields, indexes, `[*]` and `[?(@.a=="b")]`. Answers the first hit. */
export function compileJsonPath(path: string): (value: unknown) => unknown {
  const steps = parseSteps(path.replaceAll('\\.', DOT));
  return (value) =>
    steps.reduce<unknown[]>((hits, step) => hits.flatMap((hit) => follow(hit, step)), [value])[0];
}

function parseSteps(path: string): Step[] {
  const steps: Step[] = [];
  const pattern = new RegExp(STEP);
  for (let match = pattern.exec(path); match; match = pattern.exec(path)) steps.push(stepOf(match));
  return steps;
}

function stepOf([, dotted, quoted, index, field, value]: RegExpExecArray): Step {
  const name = dotted ?? quoted;
  if (name !== undefined) return { kind: 'field', name: name.replaceAll(DOT, '.') };
  if (field !== undefined) return { kind: 'where', field, value: value ?? '' };
  return index === '*' ? { kind: 'all' } : { kind: 'index', index: Number(index) };
}

function follow(value: unknown, step: Step): unknown[] {
  if (step.kind === 'field')
    return isFields(value) && value[step.name] !== undefined ? [value[step.name]] : [];
  if (!Array.isArray(value)) return step.kind === 'all' && isFields(value) ? Object.values(value) : [];
  const items = value as unknown[];
  if (step.kind === 'all') return items;
  if (step.kind === 'index') return items.slice(step.index, step.index === -1 ? undefined : step.index + 1);
  return items.filter((item) => isFields(item) && String(item[step.field]) === step.value);
}
