import { IsDefined, IsIn, IsString, ValidateBy, ValidateIf } from 'class-validator';
import type { ValidationOptions } from 'class-validator';

/** What a failed rule says of itself on the wire (contract 2.4); carried as class-validator's `context`. */
export interface RuleContext {
  readonly type: string;
  readonly ctx?: Readonly<Record<string, unknown>>;
  /** Keys inside the value that fail, for rules on the entries of a map. Absent: the value itself fails. */
  readonly within?: (value: unknown) => readonly string[];
}

/** A value that could not be brought into shape, and why. Stands where the value would have stood. */
export class Refused {
  constructor(
    readonly reason: string,
    readonly input: unknown,
  ) {}
}

const rule = (message: ValidationOptions['message'], context: RuleContext): ValidationOptions => ({
  ...(message === undefined ? {} : { message }),
  context,
});

/** The field must be there. */
export const Present = (): PropertyDecorator => IsDefined(rule('Field required', { type: 'missing' }));

/** The field may be left out; null counts as left out. */
export const MayBeAbsent = (): PropertyDecorator =>
  ValidateIf((_object, value: unknown) => value !== undefined && value !== null);

export const Text = (): PropertyDecorator =>
  IsString(rule('Input should be a valid string', { type: 'string_type' }));

/** One of a few words. */
export function OneOf(words: readonly string[]): PropertyDecorator {
  const quoted = words.map((word) => `'${word}'`);
  const expected = [quoted.slice(0, -1).join(', '), ...quoted.slice(-1)]
    .filter((part) => part !== '')
    .join(' or ');
  return IsIn([...words], rule(`Input should be ${expected}`, { type: 'enum', ctx: { expected } }));
}

/** An object of its own: the fields inside have their own rules. */
export const ObjectShaped = (): PropertyDecorator =>
  ValidateBy(
    { name: 'objectShaped', validator: { validate: isObject } },
    rule('Input should be a valid dictionary or object to extract fields from', {
      type: 'model_attributes_type',
    }),
  );

/** A map whose values are all texts; each value that is none is named. */
export function TextMap(): PropertyDecorator {
  const shape = ValidateBy(
    { name: 'map', validator: { validate: isObject } },
    rule('Input should be a valid dictionary', { type: 'dict_type' }),
  );
  const values = ValidateBy(
    {
      name: 'mapOfTexts',
      validator: { validate: (value) => !isObject(value) || notTexts(value).length === 0 },
    },
    rule('Input should be a valid string', { type: 'string_type', within: (value) => notTexts(value) }),
  );
  return (target, property) => {
    shape(target, property);
    values(target, property);
  };
}

/** A rule of our own; `text` follows the words "Value error, ". */
export const Rule = (
  name: string,
  text: string | ((value: unknown) => string),
  holds: (value: unknown) => boolean,
): PropertyDecorator =>
  ValidateBy(
    { name, validator: { validate: holds } },
    rule(({ value }) => `Value error, ${typeof text === 'string' ? text : text(value)}`, {
      type: 'value_error',
      ctx: { error: {} },
    }),
  );

/** The value was brought into shape. */
export const NotRefused = (): PropertyDecorator =>
  Rule(
    'notRefused',
    (value) => (value instanceof Refused ? value.reason : ''),
    (value) => !(value instanceof Refused),
  );

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const notTexts = (value: unknown): readonly string[] =>
  isObject(value)
    ? Object.entries(value)
        .filter(([, item]) => typeof item !== 'string')
        .map(([name]) => name)
    : [];
