import type { KubernetesError } from '../../kubernetes/index.js';
import type { Telling } from '../lab.ledger.js';
import { cause } from './cause.js';
import type { ReasonCode } from './cause.js';
import { withoutSecrets } from '../../common/without-secrets.js';

/** What a refusal speaks of, as far as it decides anything. */
type Refusal = Pick<
  KubernetesError,
  'apiMessage' | 'kind' | 'namespace' | 'objectName' | 'status' | 'reason'
>;

type Rule = readonly [RegExp, ReasonCode, (words: string) => string];

/** In the API server's words, the most telling first (`k8s.io/apiserver/pkg/admission`). */
const RULES: readonly Rule[] = [
  [/exceeded quota: /, 'quota_exceeded', overQuota],
  [/failed quota: /, 'sidecar_without_limits', unlimited],
  [
    /is forbidden: \[?(?:maximum|minimum|\S+ max limit to request ratio)/,
    'limits_exceeded',
    () => 'A LimitRange of the namespace does not allow this size',
  ],
  [/admission webhook .* denied the request/, 'webhook_denied', (words) => `${hook(words)} refused the lab`],
  [
    /ValidatingAdmissionPolicy .* denied request/,
    'policy_denied',
    (words) => `${policy(words)} refused the lab`,
  ],
  [
    /violates PodSecurity/,
    'pod_security_denied',
    () => 'The Pod Security level of the namespace forbids the lab as configured',
  ],
  [/cannot create resource/, 'not_allowed', () => 'Berth may not create an object of the lab'],
];

const hook = (words: string): string =>
  `The admission webhook ${/webhook "([^"]*)"/.exec(words)?.[1] ?? ''}`.trim();
const policy = (words: string): string =>
  `The admission policy ${/ValidatingAdmissionPolicy '([^']*)'/.exec(words)?.[1] ?? ''}`.trim();

/** Why the API server will not have an object of a lab. */
export function refused(refusal: Refusal): Telling {
  const words = refusal.apiMessage;
  const [, code, sentence] = RULES.find(([pattern]) => pattern.test(words)) ?? [
    undefined,
    undefined,
    undefined,
  ];
  if (code === undefined) return cause('object_refused', verbatim(refusal), { certain: true }).telling;
  return cause(code, sentence(words), { words, certain: true }).telling;
}

/** Why it will not have it yet. */
export function notYet({ apiMessage: words, status, kind }: Refusal): Telling {
  if (/failed calling webhook/.test(words))
    return cause('webhook_unreachable', `${hook(words)} does not answer`, { words }).telling;
  if (status === 0)
    return cause('api_silent', `The API server does not answer when it is to create a ${kind}`, { words })
      .telling;
  return cause('cluster_not_ready', 'Waiting for the cluster', { words }).telling;
}

/** Why it will not let go of an object. */
export const notRemoved = ({ apiMessage: words, kind, objectName = '' }: Refusal): Telling =>
  cause('removal_refused', `The ${kind} ${objectName} of the lab before cannot be removed`, { words })
    .telling;

/** The contract's words (6.4). */
function verbatim({ apiMessage, kind, namespace, objectName, status }: Refusal): string {
  const where = [namespace, objectName].filter((part) => part !== undefined).join('/');
  const what = kind === 'Namespace' ? 'Error creating namespace' : 'Error creating object';
  return `${what} (${kind} ${where}, status ${status}): ${withoutSecrets(apiMessage)}`;
}

/** `exceeded quota: q, requested: limits.cpu=2, used: limits.cpu=3, limited: limits.cpu=4` */
function overQuota(words: string): string {
  const [, quota = '', requested = '', used = '', limited = ''] =
    /exceeded quota: ([^,]+), requested: (.*), used: (.*), limited: (.*)/.exec(words) ?? [];
  const asked = amounts(requested);
  const [taken, most] = [amounts(used), amounts(limited)];
  const short = Array.from(
    asked,
    ([name, amount]) =>
      `${name} ${amount} wanted, ${taken.get(name) ?? '0'} of ${most.get(name) ?? '?'} in use`,
  );
  return `The quota ${quota} has no room for the lab${short.length > 0 ? `: ${short.join('; ')}` : ''}`;
}

const amounts = (list: string): ReadonlyMap<string, string> =>
  new Map(
    list.split(',').flatMap((part) => {
      const [name, amount] = part.trim().split('=');
      return name === undefined || amount === undefined ? [] : [[name, amount] as const];
    }),
  );

/** `failed quota: q: must specify limits.cpu for: istio-proxy; limits.memory for: istio-proxy` */
function unlimited(words: string): string {
  const names = new Set(
    Array.from(words.matchAll(/ for: ([^;]+)/g), ([, list = '']) => list.split(',')).flat(),
  );
  const named = Array.from(names, (name) => name.trim()).join(', ');
  return `Container ${named} has no limits, and the quota of the namespace demands them`;
}
