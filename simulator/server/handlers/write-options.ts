import { invalidObject } from '../api-error.js';
import type { FieldError } from '../field-error.js';
import { notSupported } from '../field-error.js';
import type { ApiRequest } from '../http/request.js';

const OPTIONS: Readonly<Record<string, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
};
const VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];

/** Refuses values of `dryRun` and `fieldValidation` that nobody knows, with the API's 422. */
export function checkWriteOptions({ query }: ApiRequest, verb: string): void {
  const kind = OPTIONS[verb];
  if (kind === undefined) return;
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const validation = query.get('fieldValidation') ?? '';
  const errors: FieldError[] = [];
  if (dryRun.some((value) => value !== 'All')) errors.push(notSupported('dryRun', dryRun, ['All']));
  if (verb !== 'delete' && !VALIDATIONS.includes(validation))
    errors.push(notSupported('fieldValidation', validation, VALIDATIONS));
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind }, '', errors);
}
