import type { PipeTransform } from '@nestjs/common';
import { validate } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { UnreadableBody, missingBody, notAnObject } from '../body/json-body.js';
import { InvalidRequest } from '../errors/http.errors.js';
import type { ErrorDetail } from '../errors/http.errors.js';
import { echo } from './echo.js';
import { Refused, isObject } from './rules.js';
import type { RuleContext } from './rules.js';

type Place = readonly ['body' | 'query', ...(string | number)[]];

/** A request shape that can be read from the plain object a client sent; the rules on its fields judge the result. */
export interface Shape<T extends object> {
  /** Copies the known fields and brings them into form. Must not throw. */
  read(input: Readonly<Record<string, unknown>>): T;
}

/** Reads the body or the query into `shape` and checks its rules; every failing field is reported at once. */
export class Validated<T extends object> implements PipeTransform<unknown, Promise<T>> {
  constructor(
    private readonly shape: Shape<T>,
    private readonly where: 'body' | 'query' = 'body',
  ) {}

  /** @throws {InvalidRequest} */
  async transform(input: unknown): Promise<T> {
    if (input instanceof UnreadableBody) throw input.refusal;
    if (input === undefined || input === null) throw missingBody();
    if (!isObject(input)) throw notAnObject();
    const value = this.shape.read(input);
    const errors = await validate(value, { forbidUnknownValues: false });
    if (errors.length > 0) throw new InvalidRequest(detailsOf(errors, [this.where], input));
    return value;
  }
}

function detailsOf(errors: readonly ValidationError[], place: Place, received: unknown): ErrorDetail[] {
  return errors.flatMap((error) => {
    const here: Place = [...place, error.property];
    const own = ownDetails(error, here, received);
    if (own.length > 0) return own;
    const inner = isObject(received) ? received[error.property] : undefined;
    return detailsOf(error.children ?? [], here, inner);
  });
}

/** The details of the first rule that failed on this field; a missing field breaks all its rules. */
function ownDetails(error: ValidationError, here: Place, received: unknown): ErrorDetail[] {
  const failed = Object.entries(error.constraints ?? {})
    .map(([name, msg]) => ({ msg, context: error.contexts?.[name] as RuleContext | undefined }))
    .filter((one): one is { msg: string; context: RuleContext } => one.context !== undefined);
  const first = failed.find((one) => one.context.type === 'missing') ?? failed[0];
  if (first === undefined) return [];
  const { type, ctx, within } = first.context;
  const value: unknown = error.value instanceof Refused ? error.value.input : error.value;
  const detail = (loc: Place, input: unknown): ErrorDetail => ({
    type,
    loc,
    msg: first.msg,
    input: echo(input, loc),
    ...(ctx === undefined ? {} : { ctx }),
  });
  if (within === undefined) return [detail(here, type === 'missing' ? received : value)];
  return within(value).map((key) => detail([...here, key], isObject(value) ? value[key] : undefined));
}
