import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

/** The promises that the design makes, in its order. */
export const PROMISES = [
  'nothing is lost',
  'nothing is hidden',
  'nothing is wasted',
  'nobody gets in',
  'nothing is special',
] as const;

type Promised = (typeof PROMISES)[number];

/** One row of the page: a spec, and what its comment says that it shows. */
export interface Guarantee {
  readonly promise: Promised;
  readonly fault: string;
  readonly outcome: string;
  /** Where the spec is. */
  readonly file: string;
  /** What it is called, or the line that makes it. */
  readonly spec: string;
}

const TAGS = ['promise', 'fault', 'outcome'] as const;

/**
 * What the specs below these folders guarantee: each statement whose comment has the tags `@promise`, `@fault` and
 * `@outcome`. A spec that is renamed or deleted changes the page with it.
 * @throws if a comment has some of the tags and not all of them, or names a promise that is none
 */
export function readGuarantees(folders: readonly string[]): readonly Guarantee[] {
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.spec.ts'))
        .map((file) => join(folder, file)),
    )
    .sort()
    .flatMap((file) => guaranteesIn(file, readFileSync(file, 'utf8')));
}

export function guaranteesIn(file: string, text: string): readonly Guarantee[] {
  if (!text.includes('@promise')) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: Guarantee[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node))
      found.push(...commentsOf(node, text).map((one) => read(file, one, node)));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const commentsOf = (node: ts.Node, text: string): readonly string[] =>
  (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [])
    .map(({ pos, end }) => text.slice(pos, end))
    .filter((comment) => TAGS.some((tag) => comment.includes(`@${tag}`)));

function read(file: string, comment: string, node: ts.ExpressionStatement): Guarantee {
  const words = comment.replace(/^\/\*\*|\*\/$/g, '').replace(/^\s*\*\s?/gm, '');
  const tags = new Map(
    words
      .split(/^@/m)
      .slice(1)
      .map((part) => [
        part.split(/\s/)[0] ?? '',
        part
          .replace(/^\S+\s*/, '')
          .replace(/\s+/g, ' ')
          .trim(),
      ]),
  );
  const missing = TAGS.filter((tag) => (tags.get(tag) ?? '') === '');
  if (missing.length > 0) throw new Error(`${file}: a guarantee without @${missing.join(', @')}: ${comment}`);
  const promise = PROMISES.find((one) => one === tags.get('promise'));
  if (!promise) throw new Error(`${file}: no promise is called "${tags.get('promise') ?? ''}"`);
  const [fault = '', outcome = ''] = [tags.get('fault'), tags.get('outcome')];
  return { promise, fault, outcome, file, spec: titleOf(node.expression) };
}

function titleOf(expression: ts.Expression): string {
  const [first] = ts.isCallExpression(expression) ? expression.arguments : [];
  return first && ts.isStringLiteralLike(first) ? first.text : expression.getText();
}
