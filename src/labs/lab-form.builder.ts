import type { LabSize } from '../config/index.js';
import { escaped } from '../http/index.js';
import type { ImageMenu } from '../images/index.js';
import type { Requester } from './lab.views.js';
import { cpuText, memoryLabel, titleCase } from './objects/index.js';

export interface LabFormInput {
  readonly menu: ImageMenu;
  /** All configured sizes, in their order. */
  readonly sizes: readonly LabSize[];
  readonly defaultSize: string | undefined;
  readonly quota: Requester['quota'];
  /** What everybody must know before they choose; undefined where there is nothing to say. */
  readonly notice: string | undefined;
}

/** What a browser sends for "whatever the drop-down says" (contract 2.6). */
const FROM_DROPDOWN = 'use_image_from_dropdown';

/** In the Hub's page, so that nothing here may have a name that is likely to be there already. */
const SCRIPT = `<script>
function selectDropdown() {
  document.getElementById('${FROM_DROPDOWN}').checked = true;
}
</script>`;

const STYLE = `<style>
.berth-form { width: 100%; }
.berth-notice { border-left: .3em solid #b94a00; padding: .3em .8em; }
.berth-form td { vertical-align: top; padding: 0 1em 1em 0; }
.berth-form fieldset { border: 0; margin: 0 0 1em; padding: 0; min-width: 0; }
.berth-form legend { font-size: 1.1em; font-weight: bold; border: 0; margin: 0 0 .3em; }
.berth-form label { font-weight: normal; }
.berth-form select { max-width: 100%; }
</style>`;

/** A form without an image would be refused whatever somebody chooses on it. */
const NO_IMAGES =
  'No image is known at the moment, probably because the image registry cannot be reached. Reload this page in a minute; if that does not help, tell whoever runs this platform.';

/** The fragment that JupyterHub shows in its own page (contract 2.8). Every word from outside is escaped. */
export function labForm(input: LabFormInput): string {
  const sizes = sizesWithin(input.quota, input.sizes);
  if (input.quota?.spawn === false) return unavailable('Your quota does not allow notebooks.');
  if (input.sizes.length === 0)
    return unavailable('No sizes of notebooks are configured here; ask whoever runs this platform.');
  if (sizes.length === 0) return unavailable('Your quota leaves no size of notebook that could be started.');
  if (input.menu.radio.length + input.menu.dropdown.length === 0) return unavailable(NO_IMAGES);
  return [
    SCRIPT,
    STYLE,
    ...(input.notice === undefined ? [] : [warning(input.notice)]),
    '<table class="berth-form" role="presentation"><tr>',
    `<td>${images(input.menu)}</td>`,
    `<td>${sizeChoice(sizes, input.defaultSize)}${options()}</td>`,
    '</tr></table>',
    '',
  ].join('\n');
}

/** Sizes that would fit into the quota if nothing else ran (contract 2.8). */
function sizesWithin(quota: LabFormInput['quota'], sizes: readonly LabSize[]): readonly LabSize[] {
  if (!quota) return sizes;
  return sizes.filter(
    ({ resources: { limits } }) => limits.memory <= quota.memory && limits.cpu <= quota.cpu,
  );
}

function unavailable(sentence: string): string {
  return `<h2>Notebooks unavailable</h2>\n<p>${escaped(sentence)}</p>\n`;
}

const warning = (notice: string): string =>
  `<p class="berth-notice" role="note"><strong>Please note:</strong> ${escaped(notice)}</p>`;

function images({ radio, dropdown }: ImageMenu): string {
  const choices = radio.map(({ reference, displayName }, index) =>
    choice(
      { name: 'image_list', id: `image${index + 1}`, value: reference, checked: index === 0 },
      displayName,
    ),
  );
  const other = { name: 'image_list', id: FROM_DROPDOWN, value: FROM_DROPDOWN, checked: radio.length === 0 };
  const entries = dropdown.map(
    ({ reference, displayName }) => `<option value="${escaped(reference)}">${escaped(displayName)}</option>`,
  );
  return group('Image', [
    ...choices,
    choice(other, 'Select uncached image (slower start):'),
    `<select name="image_dropdown" aria-label="Uncached image" onchange="selectDropdown()">`,
    ...entries,
    '</select>',
  ]);
}

function sizeChoice(sizes: readonly LabSize[], preferred: string | undefined): string {
  const checked = sizes.find(({ size }) => size === preferred) ?? sizes[0];
  return group(
    'Size',
    sizes.map((one) => {
      const { cpu, memory } = one.resources.limits;
      const label = `${titleCase(one.size)} (${cpuText(cpu)} CPU, ${memoryLabel(memory)} RAM)`;
      return choice({ name: 'size', id: one.size, value: one.size, checked: one === checked }, label);
    }),
  );
}

const options = (): string =>
  group('Options', [
    choice(
      { name: 'enable_debug', id: 'enable_debug', value: 'true', type: 'checkbox' },
      'Enable debug logs',
    ),
    choice(
      { name: 'reset_user_env', id: 'reset_user_env', value: 'true', type: 'checkbox' },
      'Reset user environment',
    ),
  ]);

interface Input {
  readonly name: string;
  readonly id: string;
  readonly value: string;
  readonly checked?: boolean;
  readonly type?: 'radio' | 'checkbox';
}

function choice({ name, id, value, checked, type = 'radio' }: Input, label: string): string {
  const attributes = `type="${type}" name="${name}" id="${escaped(id)}" value="${escaped(value)}"`;
  return `<input ${attributes}${checked ? ' checked' : ''}> <label for="${escaped(id)}">${escaped(label)}</label><br>`;
}

const group = (legend: string, lines: readonly string[]): string =>
  ['<fieldset>', `<legend>${legend}</legend>`, ...lines, '</fieldset>'].join('\n');
