import { Injectable } from '@nestjs/common';
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

const REVIEWS: ResourceKind<AccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
};

/** Asks the API server what we may do. */
@Injectable()
export class AccessCheck {
  constructor(private readonly transport: KubeTransport) {}

  /** Those of `needs` that we lack, in their order. One small request each, which stores nothing. */
  async missing(needs: readonly AccessNeed[], signal?: AbortSignal): Promise<readonly AccessNeed[]> {
    const allowed = await Promise.all(needs.map((need) => this.isAllowed(need, signal)));
    return needs.filter((_, index) => !allowed[index]);
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
    const answer = await this.transport.request<AccessReview>({
      verb: 'create',
      kind: REVIEWS,
      body: { apiVersion: 'authorization.k8s.io/v1', kind: REVIEWS.kind, spec: { resourceAttributes } },
      repeatable: true,
      options: { priority: 'interactive', reason: 'start-check', signal },
    });
    return answer.status?.allowed === true;
  }
}
