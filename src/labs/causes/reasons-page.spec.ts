import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { API_REASONS } from './api.reasons.js';
import { CONTAINER_REASONS } from './container.reasons.js';
import { END_REASONS } from './end.reasons.js';
import { IMAGE_REASONS } from './image.reasons.js';
import { REASONS } from './index.js';
import type { Reason } from './reason.js';
import { SCHEDULING_REASONS } from './scheduling.reasons.js';

const PAGE = 'docs/reasons.md';
const FATAL: Record<Reason['fatal'], string> = {
  never: 'no, the spawn timeout does',
  when_certain: 'as soon as it is certain',
  always: 'it is an end',
};
const CHAPTERS: readonly (readonly [string, Readonly<Record<string, Reason>>])[] = [
  ['Finding a node', SCHEDULING_REASONS],
  ['Getting the image', IMAGE_REASONS],
  ['Making and running containers', CONTAINER_REASONS],
  ['Ends', END_REASONS],
  ['What the API server says', API_REASONS],
];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const chapter = ([title, table]: (typeof CHAPTERS)[number]): string[] => [
  `## ${title}`,
  '',
  row(['Code', 'Meaning', 'What helps', 'Who', 'Ends the spawn']),
  row(['---', '---', '---', '---', '---']),
  ...Object.entries(table).map(([code, { meaning, remedy, who, fatal }]) =>
    row([`\`${code}\``, meaning, `${remedy}.`, who, FATAL[fatal]]),
  ),
  '',
];

const page = (): Promise<string> =>
  format(
    [
      '# Reasons why a lab waits or ends',
      '',
      'Made from `src/labs/causes` by `UPDATE_GOLDEN=1 npx vitest run src/labs/causes/reasons-page.spec.ts`; do not edit.',
      '',
      'A code is the same in the progress stream (`?format=native`), the log, `berth_labs_causes_total`, Kubernetes Events on the',
      '`Lab`, its conditions in `kubectl describe lab`, and its history. With it come a sentence, what helps, who can do that, and the',
      'evidence: the words of whoever saw it. What has no code here is passed on as Kubernetes says it, its reason in snake case.',
      '',
      'Where an init container, or one that the cluster added, is to blame for its image or its memory, an operator is told, whoever stands',
      'here: it is not the image that the user chose.',
      '',
      ...CHAPTERS.flatMap(chapter),
    ].join('\n'),
    { parser: 'markdown', printWidth: 110 },
  );

describe(PAGE, () => {
  it('is what the catalogue says (UPDATE_GOLDEN=1 writes it)', async () => {
    const text = await page();
    if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(PAGE)) writeFileSync(PAGE, text);

    expect(readFileSync(PAGE, 'utf8')).toBe(text);
  });

  it('has every reason once, and more than twenty-five', () => {
    const codes = CHAPTERS.flatMap(([, table]) => Object.keys(table));

    expect(codes.sort()).toEqual(Object.keys(REASONS).sort());
    expect(codes.length).toBeGreaterThan(25);
  });
});
