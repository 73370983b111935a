import { RegistryError } from './registry.error.js';
import type { RegistryFailure } from './registry.error.js';
import type { RegistryAnswer } from './registry.transport.js';

/**
 * Passes an answer with 200.
 *
 * @param whenAbsent what a 404 means here
 * @throws RegistryError for any other
 */
export function expectOk(answer: RegistryAnswer, whenAbsent: RegistryFailure): void {
  const { call, status, retryAfterMs } = answer;
  if (status === 200) return;
  const [reason, message] = judge(status, whenAbsent);
  throw new RegistryError(message, { ...call, status, reason, retryAfterMs });
}

function judge(status: number, whenAbsent: RegistryFailure): [RegistryFailure, string] {
  if (status === 401 || status === 403) return ['registry_denied', 'The registry denies us the repository'];
  if (status === 404) return [whenAbsent, 'The registry does not have it'];
  if (status === 429) return ['registry_throttled', 'The registry asks to come later'];
  if (status >= 500) return ['registry_failing', 'The registry fails'];
  return ['registry_answer_invalid', 'The registry answers what we did not expect'];
}
