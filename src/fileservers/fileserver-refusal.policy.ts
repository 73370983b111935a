import type { Telling } from '../common/ledger.js';
import { withoutSecrets } from '../common/without-secrets.js';

/** Why a Job gets no pod, and whether waiting can still help. */
export interface PodRefusal {
  readonly certain: boolean;
  readonly telling: Telling;
}

interface Rule {
  readonly when: RegExp;
  readonly reason: string;
  readonly says: (words: string) => string;
  readonly remedy: string;
  readonly certain: boolean;
}

const CHANGE = 'exempt the namespace of file servers, or change fileserver and lab.volumes';
/** As much of the API server's words as is kept. */
const MOST_WORDS = 300;

const named = (what: string, pattern: RegExp, words: string): string =>
  `${what} ${pattern.exec(words)?.[1] ?? ''}`.trim();

/** In the API server's words, which the Job's controller repeats; the most telling first. */
const RULES: readonly Rule[] = [
  {
    when: /exceeded quota: /,
    reason: 'quota_exceeded',
    says: (words) =>
      `${named('The quota', /exceeded quota: ([^,]+)/, words)} has no room for the file server`,
    remedy: 'Stop file servers that nobody uses, or raise the quota of their namespace',
    certain: false,
  },
  {
    when: /failed quota: /,
    reason: 'limits_missing',
    says: () => 'The quota of the namespace demands limits that a container of the file server does not have',
    remedy: 'Set fileserver.resources; keep whatever injects containers out of the namespace of file servers',
    certain: true,
  },
  {
    when: /is forbidden: \[?(?:maximum|minimum|\S+ max limit to request ratio)/,
    reason: 'limits_exceeded',
    says: () => 'A LimitRange of the namespace does not allow the size of file servers',
    remedy: 'Make fileserver.resources and the LimitRange agree',
    certain: true,
  },
  {
    when: /admission webhook .* denied the request/,
    reason: 'webhook_denied',
    says: (words) =>
      `${named('The admission webhook', /webhook "([^"]*)"/, words)} refuses the file server’s pod`,
    remedy: `The webhook says why; ${CHANGE}`,
    certain: true,
  },
  {
    when: /failed calling webhook/,
    reason: 'webhook_unreachable',
    says: (words) => `${named('The admission webhook', /webhook "([^"]*)"/, words)} does not answer`,
    remedy: 'Look at the webhook; the file server comes up once it answers',
    certain: false,
  },
  {
    when: /ValidatingAdmissionPolicy .* denied request/,
    reason: 'policy_denied',
    says: (words) =>
      `${named('The admission policy', /ValidatingAdmissionPolicy '([^']*)'/, words)} refuses the file server’s pod`,
    remedy: `The policy says why; ${CHANGE}`,
    certain: true,
  },
  {
    when: /violates PodSecurity/,
    reason: 'pod_security_denied',
    says: () => 'The Pod Security level of the namespace forbids the file server’s pod',
    remedy: `Lower the level of the namespace of file servers, or take what the evidence names out of lab.volumes`,
    certain: true,
  },
];

/** Anything else may pass, so that only the deadline ends the wait for it. */
const OTHER: Rule = {
  when: /^/,
  reason: 'pod_refused',
  says: () => 'The cluster refuses the file server’s pod',
  remedy: 'The evidence says why; the Job’s controller tries again by itself',
  certain: false,
};

/** Its recorder says so of the eleventh of a kind in ten minutes (`client-go/tools/record`). */
const PREAMBLE = /^(?:\(combined from similar events\): )?Error creating: /;

/** What the Job's controller says when it may not make the pod (`FailedCreate`). */
export function podRefused(message: string): PodRefusal {
  const words = withoutSecrets(message.replace(PREAMBLE, '')).trim();
  const { reason, says, remedy, certain } = RULES.find(({ when }) => when.test(words)) ?? OTHER;
  const severity = certain ? 'error' : 'warning';
  const evidence = words.slice(0, MOST_WORDS);
  return { certain, telling: { reason, message: says(words), severity, remedy, who: 'operator', evidence } };
}
