import type { Dispatcher } from 'undici';
import type { KubeRequest } from './call.js';
import { KubernetesError } from './kubernetes.error.js';
import type { KubernetesFailure } from './kubernetes.error.js';
import { retryAfterOf } from './response.js';
import { readAnswer } from './status.js';
import { judge } from './verdict.js';

/** Errors of the network that come before anything is sent. */
const NOTHING_SENT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['ENOENT', 'EACCES'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
]);

/** The API server, or something before it, refused. */
export function refused(
  request: KubeRequest,
  response: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>,
  body: unknown,
): KubernetesError {
  const answer = readAnswer(request, response.statusCode, body);
  const { verdict, mayBeApplied } = judge(answer);
  return new KubernetesError({
    ...targetOf(request),
    status: answer.status,
    reason: answer.reason,
    causes: answer.causes,
    retryAfter: retryAfterOf(response.headers, body),
    verdict,
    apiMessage: answer.message,
    unanswered: mayBeApplied && isWrite(request),
  });
}

/** No answer came. `sent`: the API server may have seen the request. */
export function noAnswer(request: KubeRequest, error: unknown, sent: boolean): KubernetesError {
  return new KubernetesError({
    ...targetOf(request),
    status: 0,
    verdict: 'retry',
    apiMessage: `no answer: ${error instanceof Error ? error.message : 'aborted'}`,
    unanswered: sent && isWrite(request),
    cause: error,
  });
}

/** Whether a request that failed with this error may have reached the API server. */
export function wasSent(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code !== 'string' || !NOTHING_SENT.has(code);
}

const targetOf = (request: KubeRequest): Pick<KubernetesFailure, 'verb' | 'kind' | 'namespace' | 'name'> => ({
  verb: request.verb,
  kind: request.kind.kind,
  namespace: request.ref?.namespace,
  name: request.ref?.name,
});

const isWrite = ({ verb }: KubeRequest): boolean => verb !== 'get' && verb !== 'list' && verb !== 'watch';
