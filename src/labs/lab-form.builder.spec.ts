import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, milliCpu } from '../common/units.js';
import type { LabSize } from '../config/index.js';
import { labForm } from './lab-form.builder.js';
import type { LabFormInput } from './lab-form.builder.js';

const Gi = 2 ** 30;
const size = (name: string, cores: number, memory: number): LabSize => {
  const amount = { cpu: milliCpu(cores * 1000), memory: bytes(memory * Gi) };
  return { size: name as LabSize['size'], resources: { limits: amount, requests: amount } };
};
const input = (parts: Partial<LabFormInput> = {}): LabFormInput => ({
  menu: {
    radio: [
      { reference: 'r.example.org/lab:recommended@sha256:aa', displayName: 'Recommended (Weekly 2077_43)' },
      { reference: 'r.example.org/lab:w_2077_44@sha256:bb', displayName: 'Weekly 2077_44' },
    ],
    dropdown: [{ reference: 'r.example.org/lab:exp_x', displayName: 'Experimental x' }],
  },
  sizes: [size('small', 1, 3), size('medium', 2.5, 6)],
  defaultSize: 'medium',
  quota: undefined,
  notice: undefined,
  ...parts,
});
/** Every input with what matters of it. */
const inputs = (html: string) =>
  [...html.matchAll(/<input type="(\w+)" name="(\w+)" id="(\w+)" value="([^"]*)"( checked)?>/g)].map(
    ([, type, name, id, value, checked]) => [type, name, id, value, checked !== undefined],
  );

/** One tag as browsers take it, with attributes in double quotes or without a value; nothing more is used. */
const TAG = /<(\/?)([a-z0-9]+)((?: [a-z-]+(?:="[^"<>]*")?)*)>/y;
const TEXT = /[^<>]+/y;
const NAMES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const unescaped = (text: string): string =>
  text.replace(/&([^;&]*);?/g, (whole, name: string) => NAMES[name] ?? `not escaped: ${whole}`);

interface Markup {
  readonly texts: readonly string[];
  readonly values: readonly string[];
  readonly ids: readonly string[];
  readonly named: readonly string[];
}

/** Reads a fragment from its first to its last character. @throws at what is neither a tag of ours nor text */
function readMarkup(html: string): Markup {
  const markup = html.replace(/<(script|style)>[^]*?<\/\1>/g, '');
  const found = { texts: [] as string[], values: [] as string[], ids: [] as string[], named: [] as string[] };
  const lists: Readonly<Record<string, string[]>> = { value: found.values, id: found.ids, for: found.named };
  for (let at = 0; at < markup.length;) {
    TAG.lastIndex = TEXT.lastIndex = at;
    const piece = TAG.exec(markup) ?? TEXT.exec(markup);
    if (!piece) throw new Error(`neither tag nor text: ${markup.slice(at, at + 60)}`);
    at += piece[0].length;
    if (!piece[0].startsWith('<')) found.texts.push(unescaped(piece[0]));
    for (const [, name = '', value = ''] of (piece[3] ?? '').matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g))
      lists[name]?.push(unescaped(value));
  }
  return found;
}

describe('labForm', () => {
  it('offers images, sizes and options under the names that the contract gives them', () => {
    const html = labForm(input());

    expect(inputs(html)).toEqual([
      ['radio', 'image_list', 'image1', 'r.example.org/lab:recommended@sha256:aa', true],
      ['radio', 'image_list', 'image2', 'r.example.org/lab:w_2077_44@sha256:bb', false],
      ['radio', 'image_list', 'use_image_from_dropdown', 'use_image_from_dropdown', false],
      ['radio', 'size', 'small', 'small', false],
      ['radio', 'size', 'medium', 'medium', true],
      ['checkbox', 'enable_debug', 'enable_debug', 'true', false],
      ['checkbox', 'reset_user_env', 'reset_user_env', 'true', false],
    ]);
    expect(html).toContain('<option value="r.example.org/lab:exp_x">Experimental x</option>');
    expect(html).toContain('<select name="image_dropdown" ');
    expect(html).toContain('Small (1.0 CPU, 3Gi RAM)');
    expect(html).toContain('Medium (2.5 CPU, 6Gi RAM)');
    expect(html.indexOf('<script>')).toBeLessThan(html.indexOf('<style>'));
    expect(html.indexOf('<style>')).toBeLessThan(html.indexOf('<table'));
  });

  it('names every control for those who cannot see it', () => {
    const html = labForm(input());

    for (const [, , id] of inputs(html)) expect(html).toContain(`<label for="${String(id)}">`);
    expect(html).toMatch(/<select [^>]*aria-label="/);
    expect(html.match(/<fieldset>/g)).toHaveLength(html.match(/<legend>/g)!.length);
  });

  it('closes what it opens', () => {
    const open: string[] = [];
    for (const [, slash, name = ''] of labForm(input({ notice: 'Homes go.' })).matchAll(
      /<(\/?)(\w+)[^>]*>/g,
    )) {
      if (name === 'input' || name === 'br') continue;
      if (slash) expect(open.pop()).toBe(name);
      else open.push(name);
    }

    expect(open).toEqual([]);
  });

  it('takes the drop-down if no image is on the nodes', () => {
    const html = labForm(input({ menu: { ...input().menu, radio: [] } }));

    expect(inputs(html)[0]).toEqual([
      'radio',
      'image_list',
      'use_image_from_dropdown',
      'use_image_from_dropdown',
      true,
    ]);
  });

  it('says that no image is known rather than offer a form that every click is refused on', () => {
    const html = labForm(input({ menu: { radio: [], dropdown: [] } }));

    expect(inputs(html)).toEqual([]);
    expect(html).toContain('<h2>Notebooks unavailable</h2>');
    expect(html).toContain('No image is known at the moment');
  });

  it('says before anything else that homes do not last, where they do not', () => {
    const notice = 'The content of volume home, which holds the homes, is destroyed whenever the lab stops';

    const html = labForm(input({ notice }));

    expect(html).toContain(notice);
    expect(html.indexOf(notice)).toBeLessThan(html.indexOf('<table'));
    expect(labForm(input())).not.toContain('Please note');
  });

  it('escapes every word from outside', () => {
    const evil = { reference: '"><script>alert(1)</script>', displayName: `<img src=x onerror='a'>&"` };

    const html = labForm(input({ menu: { radio: [evil], dropdown: [evil] }, notice: evil.displayName }));

    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(html).not.toContain('<img');
    expect(html).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
  });

  it('is well-formed and gives back every word from outside as it was, whatever that was', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.string({
        unit: fc.constantFrom('<', '>', '"', "'", '&', ';', '/', '=', 'a', '\n', 'é'),
        minLength: 1,
      }),
    );
    const image = fc.record({ reference: word, displayName: word });
    const menu = fc
      .record({ radio: fc.array(image), dropdown: fc.array(image) })
      .filter(({ radio, dropdown }) => radio.length + dropdown.length > 0);
    fc.assert(
      fc.property(menu, word, word, (images, sizeName, notice) => {
        const sizes = [size(sizeName, 1, 3)];

        const { texts, values, ids, named } = readMarkup(labForm(input({ menu: images, sizes, notice })));

        const { radio, dropdown } = images;
        expect(values).toEqual([
          ...radio.map(({ reference }) => reference),
          'use_image_from_dropdown',
          ...dropdown.map(({ reference }) => reference),
          sizeName,
          'true',
          'true',
        ]);
        expect(texts).toEqual(
          expect.arrayContaining([...radio, ...dropdown].map(({ displayName }) => displayName)),
        );
        expect(texts).toContain(` ${notice}`);
        // Each control with an id has its label, and each label its control.
        expect(named).toEqual(ids);
      }),
    );
  });

  it('leaves out sizes beyond the quota, and chooses the first if the default is one of them', () => {
    const quota = { cpu: milliCpu(2000), memory: bytes(27 * Gi), spawn: true };

    const sizes = inputs(labForm(input({ quota }))).filter(([, name]) => name === 'size');

    expect(sizes).toEqual([['radio', 'size', 'small', 'small', true]]);
  });

  it('says whose fault it is that there is no size at all', () => {
    const html = labForm(input({ sizes: [] }));

    expect(html).toContain('<h2>Notebooks unavailable</h2>');
    expect(html).toContain('No sizes of notebooks are configured here');
    expect(html).not.toContain('quota');
  });

  it('offers a size that fits the quota exactly', () => {
    const quota = { cpu: milliCpu(1000), memory: bytes(3 * Gi), spawn: true };

    expect(inputs(labForm(input({ quota }))).filter(([, name]) => name === 'size')).toHaveLength(1);
  });

  it.each([
    ['forbids spawning', { cpu: milliCpu(9000), memory: bytes(99 * Gi), spawn: false }],
    ['leaves no size', { cpu: milliCpu(100), memory: bytes(99 * Gi), spawn: true }],
  ])('says so if the quota %s', (_case, quota) => {
    const html = labForm(input({ quota }));

    expect(html).toContain('<h2>Notebooks unavailable</h2>');
    expect(inputs(html)).toEqual([]);
  });
});
