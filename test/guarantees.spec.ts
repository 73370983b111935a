import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';

import { PROMISES, guaranteesIn, readGuarantees } from './support/guarantees.js';
import type { Guarantee } from './support/guarantees.js';

const PAGE = 'docs/guarantees.md';

const HEAD = `# Guarantees

What Berth promises, what may happen meanwhile, what comes of it, and the spec that shows it. Made from the comments of the
specs by \`UPDATE_GOLDEN=1 npx vitest run test/guarantees.spec.ts\`; do not edit. Specs below \`test/faults/full\` are run by
\`npm run test:faults\`, those below \`test/cluster\` by \`npm run test:cluster\` on a real control plane, those below
\`test/utility\` by \`npm run test:utility\` with real servers and clients, all others by \`npm test\`.
`;

const escaped = (text: string): string => text.replaceAll('|', '\\|');

function row({ fault, outcome, file, spec }: Guarantee): string {
  return `| ${escaped(fault)} | ${escaped(outcome)} | [${escaped(spec)}](../${file}) |`;
}

function sectionOf(promise: string, guarantees: readonly Guarantee[]): string {
  const rows = guarantees.filter((one) => one.promise === promise).map(row);
  const title = `${promise.charAt(0).toUpperCase()}${promise.slice(1)}`;
  return [`## ${title}`, '', '| Fault | What happens | Shown by |', '| --- | --- | --- |', ...rows].join(
    '\n',
  );
}

async function page(guarantees: readonly Guarantee[]): Promise<string> {
  const promised = PROMISES.filter((promise) => guarantees.some((one) => one.promise === promise));
  const text = [HEAD, ...promised.map((promise) => sectionOf(promise, guarantees))].join('\n\n');
  return format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' });
}

describe('docs/guarantees.md', () => {
  it('is what the specs show (UPDATE_GOLDEN=1 writes it)', async () => {
    const text = await page(readGuarantees(['src', 'simulator', 'test']));
    if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(PAGE)) writeFileSync(PAGE, text);

    expect(readFileSync(PAGE, 'utf8')).toBe(text);
  });

  const comment =
    '/**\n * @promise nothing is lost\n * @fault a crash\n *   twice\n * @outcome it goes on\n */\n';

  it.each([
    ["it('goes on', () => {});", 'goes on'],
    ["it.each([['x']])('goes on %s', () => {});", 'goes on %s'],
    ['itConverges(SPAWN);', 'itConverges(SPAWN)'],
  ])('knows the spec below a comment: %s', (statement, spec) => {
    const found = guaranteesIn('a.spec.ts', `describe('x', () => {\n${comment}${statement}\n});`);

    expect(found).toEqual([
      {
        promise: 'nothing is lost',
        fault: 'a crash twice',
        outcome: 'it goes on',
        file: 'a.spec.ts',
        spec,
      },
    ]);
  });

  it.each([
    ['lacks a part', comment.replace('@outcome', 'outcome'), /without @outcome/],
    ['names no promise of ours', comment.replace('lost', 'perfect'), /no promise is called/],
  ])('is refused when a comment %s', (_what, broken, message) => {
    expect(() => guaranteesIn('a.spec.ts', `${broken}it('goes on', () => {});`)).toThrow(message);
  });
});
