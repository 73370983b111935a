import { describe, expect, it } from 'vitest';
import { bytes, milliCpu } from '../common/units.js';
import type { LabSize } from '../config/index.js';
import { labForm } from './lab-form.builder.js';
import type { LabFormInput } from './lab-form.builder.js';

const Gi = 2 ** 30;
const size = (name: string, cores: number, memory: number): LabSize => {
  const amount = { cpu: milliCpu(cores * 1000), memory: bytes(memory * Gi) };
  return { size: name, resources: { limits: amount, requests: amount } };
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
    const html = labForm(input({ menu: { radio: [], dropdown: [] } }));

    expect(inputs(html)[0]).toEqual([
      'radio',
      'image_list',
      'use_image_from_dropdown',
      'use_image_from_dropdown',
      true,
    ]);
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

  it('leaves out sizes beyond the quota, and chooses the first if the default is one of them', () => {
    const quota = { cpu: milliCpu(2000), memory: bytes(27 * Gi), spawn: true };

    const sizes = inputs(labForm(input({ quota }))).filter(([, name]) => name === 'size');

    expect(sizes).toEqual([['radio', 'size', 'small', 'small', true]]);
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
