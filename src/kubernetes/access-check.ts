import { Injectable } from '@nestjs/common';
import { KubernetesError } from './kubernetes.error.js';
import { KubeTransport } from './transport.js';
import type { KubeObject, ResourceKind } from './resource.js';

/** One right, as RBAC would name it. */
export interface AccessNeed {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** `pods`, `labs/status`. */
  readonly resource: string;
  /** Absent: in all namespaces, or cluster-scoped. */
  readonly namespace?: string | undefined;
}

interface AccessReview extends KubeObject {
  readonly status?: { readonly allowed?: boolean };
}

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface RulesReview extends KubeObject {
  readonly status?: { readonly resourceRules?: readonly Rule[] };
}

const reviews = <T extends KubeObject>(kind: string): ResourceKind<T> => ({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: false,
});
const ACCESS = reviews<AccessReview>('SelfSubjectAccessReview');
const RULES = reviews<RulesReview>('SelfSubjectRulesReview');

/**
 * A namespace that need not exist, and in which nobody binds a role: what holds there holds everywhere. Rules of a
 * namespace that roles are bound in do not say which of them end at its border.
 */
const NOWHERE = 'berth-rights-nowhere';

/** Asks the API server what we may do. */
@Injectable()
export class AccessCheck {
  constructor(private readonly transport: KubeTransport) {}

  /**
   * Those of `needs` that we lack, in their order. One request for each namespace that they name and one for all that hold
   * everywhere; where its answer does not grant a right, which it need not know of (webhooks that authorise can't
   * enumerate), one more asks for that right alone. None stores anything.
   */
  async missing(needs: readonly AccessNeed[], signal?: AbortSignal): Promise<readonly AccessNeed[]> {
    const places = [...new Set(needs.map(({ namespace }) => namespace))];
    const rules = await Promise.all(places.map((place) => this.rulesOf(place ?? NOWHERE, signal)));
    const isGranted = (need: AccessNeed): boolean =>
      (rules[places.indexOf(need.namespace)] ?? []).some((rule) => grants(rule, need));
    const allowed = await Promise.all(
      needs.map(async (need) => isGranted(need) || (await this.isAllowed(need, signal))),
    );
    return needs.filter((_, index) => !allowed[index]);
  }

  private async rulesOf(namespace: string, signal: AbortSignal | undefined): Promise<readonly Rule[]> {
    try {
      const answer = await this.ask(RULES, { namespace }, signal);
      return answer.status?.resourceRules ?? [];
    } catch (error) {
      // Who may not ask for rules may still ask right by right.
      if (error instanceof KubernetesError && [403, 404, 405].includes(error.status)) return [];
      throw error;
    }
  }

  private async isAllowed(need: AccessNeed, signal: AbortSignal | undefined): Promise<boolean> {
    const [resource, subresource] = need.resource.split('/');
    const resourceAttributes = {
      verb: need.verb,
      group: need.group,
      resource,
      subresource,
      namespace: need.namespace,
    };
    const answer = await this.ask(ACCESS, { resourceAttributes }, signal);
    return answer.status?.allowed === true;
  }

  private ask<T extends KubeObject>(
    kind: ResourceKind<T>,
    spec: object,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return this.transport.request<T>({
      verb: 'create',
      kind,
      body: { apiVersion: 'authorization.k8s.io/v1', kind: kind.kind, spec },
      repeatable: true,
      options: { priority: 'interactive', reason: 'start-check', signal },
    });
  }
}

/** As the API server matches a rule that names no objects (Kubernetes, "RBAC": `*`, and `pods/log` for a subresource). */
function grants(rule: Rule, { verb, group, resource }: AccessNeed): boolean {
  const has = (words: readonly string[] | undefined, word: string): boolean =>
    words !== undefined && (words.includes('*') || words.includes(word));
  const isAboutAll = rule.resourceNames === undefined || rule.resourceNames.length === 0;
  return isAboutAll && has(rule.verbs, verb) && has(rule.apiGroups, group) && has(rule.resources, resource);
}
