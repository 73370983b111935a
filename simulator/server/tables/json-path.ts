import { isFields } from '../objects.js';

const STEP =
  /\.([A-Za-z0-9_$-]+)|\['([^']+)'\]|\.?\[(\*|-?\d+)\]|\[\?\(@\.([A-Za-z0-9_.]+)\s*==\s*["']([^"']*)["']\)\]/gy;

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'where'; readonly field: string; readonly value: string };

/** Compiles the JSONPath of a printer column: fields, indexes, `[*]` and `[?(@.a=="b")]`. Answers the first hit. */
export function compileJsonPath(path: string): (value: unknown) => unknown {
  const steps = parseSteps(path.replace(/\\\./g, '\u0001'));
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
  if (name !== undefined) return { kind: 'field', name: name.replace(/\u0001/g, '.') };
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
