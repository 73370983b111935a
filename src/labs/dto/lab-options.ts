import { Refused, isObject } from '../../http/index.js';

/** What the spawn form's radio button sends when the choice is in the drop-down (contract 2.8). */
const DROPDOWN_SENTINEL = 'use_image_from_dropdown';

/** The four ways to name an image, of which a request uses exactly one. */
export const IMAGE_FIELDS = ['image_class', 'image_dropdown', 'image_list', 'image_tag'] as const;

type Options = Readonly<Record<string, unknown>>;

/**
 * Brings the options of a request into form (contract 2.6, normalisation): lists are unwrapped, the sentinel and the
 * drop-down beside a chosen image dropped, the size lower-cased, texts of booleans read. A plain object goes in; what
 * comes out has at most one value a key, or says why it cannot be.
 */
export function normaliseOptions(input: unknown): unknown {
  if (!isObject(input)) return input;
  const crowded = Object.entries(input).find(([, value]) => Array.isArray(value) && value.length > 1);
  if (crowded) return new Refused(`Too many values for ${crowded[0]}`, input);
  const options = withoutIdleDropdown(unwrapped(input));
  const chosen = IMAGE_FIELDS.filter((field) => isNonEmpty(options[field]));
  if (chosen.length === 0) return new Refused('No image to spawn specified', input);
  if (chosen.length > 1) return new Refused(`Image specified multiple ways (${chosen.join(', ')})`, input);
  return {
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => isNonEmpty(value))),
    size: typeof options['size'] === 'string' ? options['size'].toLowerCase() : options['size'],
    enable_debug: readBoolean(options['enable_debug']),
    reset_user_env: readBoolean(options['reset_user_env']),
  };
}

/** null and the empty list mean "absent"; a list of one is its element. */
function unwrapped(input: Options): Options {
  const flat = Object.entries(input).map(([key, value]): [string, unknown] => [
    key,
    Array.isArray(value) ? (value as unknown[])[0] : value,
  ]);
  return Object.fromEntries(flat.filter(([, value]) => value !== null && value !== undefined));
}

/** Browsers always submit the drop-down; it counts only if the radio button chose it. */
function withoutIdleDropdown(options: Options): Options {
  const { image_list: list, image_dropdown: dropdown, ...rest } = options;
  const chosen = isNonEmpty(list) && list !== DROPDOWN_SENTINEL;
  if (chosen) return { ...rest, image_list: list };
  return dropdown === undefined ? rest : { ...rest, image_dropdown: dropdown };
}

const isNonEmpty = (value: unknown): boolean => value !== undefined && value !== '';

function readBoolean(value: unknown): unknown {
  if (value === undefined) return false;
  if (value === 'true') return true;
  return value === 'false' ? false : value;
}
