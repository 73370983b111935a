import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { request } from 'undici';
import { startApi } from '../support/api-app.js';

const PAGE = 'docs/errors.md';

interface ErrorClass {
  readonly code: string;
  /** Absent where the error is not meant for a caller. */
  readonly status: string | undefined;
  readonly room: string;
  readonly meaning: string;
}

/** Every class below `src` with a `code` of its own, read from the source: what is thrown there is what the page says. */
function errorClasses(): readonly ErrorClass[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.errors?\.ts$|problems\.ts$|outcome\.ts$|kubeconfig\.ts$/.test(file))
    .sort();
  return files.flatMap((file) => {
    const source = ts.createSourceFile(
      file,
      readFileSync(`src/${file}`, 'utf8'),
      ts.ScriptTarget.ES2023,
      true,
    );
    return source.statements.filter(ts.isClassDeclaration).flatMap((node) => {
      const code = literalOf(node, 'code');
      if (code === undefined) return [];
      const room = file.split('/')[0] ?? '';
      return [{ code, status: literalOf(node, 'status'), room, meaning: meaningOf(node) }];
    });
  });
}

function literalOf(node: ts.ClassDeclaration, name: string): string | undefined {
  const member = node.members.filter(ts.isPropertyDeclaration).find((one) => one.name.getText() === name);
  return member?.initializer?.getText().replaceAll("'", '');
}

/** The first sentence or two of the class's comment, without tags. */
function meaningOf(node: ts.ClassDeclaration): string {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  const text = typeof comment?.comment === 'string' ? comment.comment : '';
  return text
    .split(/\n\s*\n/)[0]!
    .replace(/\s+/g, ' ')
    .trim();
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

async function page(classes: readonly ErrorClass[]): Promise<string> {
  const toCallers = classes.filter(({ status }) => status !== undefined);
  const inside = classes.filter(({ status }) => status === undefined);
  const byCode = (a: ErrorClass, b: ErrorClass): number => (a.code < b.code ? -1 : 1);
  const text = [
    '# Errors',
    '',
    'Made from the error classes by `UPDATE_GOLDEN=1 npx vitest run test/http/errors-page.spec.ts`; do not edit.',
    '',
    '## Told to callers',
    '',
    'The body is `{"detail": [{"msg", "type", "loc"?}]}`. `type` is the code below, except for `invalid_request`, whose body has',
    'one element for each failing field, with `type` `missing`, `value_error`, `enum`, `string_type`, `dict_type`,',
    '`model_attributes_type` or `json_invalid`. What nobody foresaw is a 500 of type `internal_error`, with an id under which the',
    'log has its cause. Unknown paths and methods are `{"detail": "Not Found"}` and `{"detail": "Method Not Allowed"}`.',
    '',
    row(['Code', 'Status', 'Room', 'Meaning']),
    row(['---', '---', '---', '---']),
    ...[...toCallers].sort(byCode).map((one) => row([`\`${one.code}\``, one.status!, one.room, one.meaning])),
    '',
    '## Found in the log',
    '',
    row(['Code', 'Room', 'Meaning']),
    row(['---', '---', '---']),
    ...[...inside].sort(byCode).map((one) => row([`\`${one.code}\``, one.room, one.meaning])),
    '',
  ].join('\n');
  return format(text, { parser: 'markdown', printWidth: 110 });
}

describe(PAGE, () => {
  it('is what the error classes say (UPDATE_GOLDEN=1 writes it)', async () => {
    const text = await page(errorClasses());
    if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(PAGE)) writeFileSync(PAGE, text);

    expect(readFileSync(PAGE, 'utf8')).toBe(text);
  });

  it('has a meaning for every code', () => {
    for (const { code, meaning } of errorClasses()) expect(meaning, code).not.toBe('');
  });

  it('knows every code of the API document', async () => {
    const api = await startApi();
    const answer = await request(`${api.url}/nublado/openapi.json`);
    const text = await answer.body.text();
    await api.app.close();
    const known = new Set([...errorClasses().map(({ code }) => code), 'internal_error', 'missing']);
    const named = [...text.matchAll(/"msg":"[^"]*","type":"(\w+)"/g)].map((match) => match[1]!);

    expect(named.length).toBeGreaterThan(10);
    for (const code of named) expect(known).toContain(code);
  });
});
