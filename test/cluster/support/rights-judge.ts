import type { AuditedRequest } from '../harness/index.js';
import { accountIn, rightsUsedBy } from './rights.js';

/** Berth's own requests name their instance (`src/kubernetes/transport.ts`). */
const AGENT = /^berth\/\S+ \((?<instance>.+)\)$/;

/** A name that only the question at start uses, whether the policies are in force; it is meant to be refused. */
const PROBE = 'berth-policy-probe';

/** What is wrong with a whole suite's requests, and which rights they used. */
export interface Judgement {
  readonly requests: number;
  readonly instances: readonly string[];
  readonly used: ReadonlySet<string>;
  /** One line for each kind of offence. */
  readonly offences: readonly string[];
}

/**
 * Judges all requests of a suite that Berth sent, whatever process or part of it: each as the service account of its
 * own instance, none refused for want of a right, none held back by the policies of the chart.
 */
export function judge(requests: readonly AuditedRequest[]): Judgement {
  const ours = requests.flatMap((request) => {
    const instance = AGENT.exec(request.userAgent ?? '')?.groups?.instance;
    return instance === undefined ? [] : [{ request, instance }];
  });
  const instances = [...new Set(ours.map(({ instance }) => instance))].sort();
  const used = instances.flatMap((wanted) => {
    const mine = ours.filter(({ instance }) => instance === wanted).map(({ request }) => request);
    return [...rightsUsedBy(mine, wanted)];
  });
  const offences = ours.flatMap(({ request, instance }) => offencesOf(request, instance));
  return { requests: ours.length, instances, used: new Set(used), offences: [...new Set(offences)] };
}

function offencesOf(request: AuditedRequest, instance: string): readonly string[] {
  const { verb, user, objectRef, annotations } = request;
  const what = `${instance}: ${verb} ${objectRef?.resource ?? ''} in ${objectRef?.namespace ?? 'no namespace'}`;
  return [
    ...(user.username === accountIn(instance) ? [] : [`${what} as ${user.username}`]),
    ...(annotations?.['authorization.k8s.io/decision'] === 'forbid' ? [`${what}: no right`] : []),
    ...heldBack(request, instance).map((message) => `${what}: ${message}`),
  ];
}

/** What a policy of the chart said to anything but the question whether it is there. */
function heldBack({ objectRef, responseStatus }: AuditedRequest, instance: string): readonly string[] {
  const { message = '' } = responseStatus ?? {};
  const isProbe = objectRef?.name === PROBE || message.includes(PROBE);
  return message.includes(`ValidatingAdmissionPolicy '${instance}-`) && !isProbe ? [message] : [];
}
