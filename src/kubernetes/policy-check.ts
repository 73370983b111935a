import { Injectable } from '@nestjs/common';
import { KubernetesError } from './kubernetes.error.js';
import type { KubeObject, ResourceKind } from './resource.js';
import { KubeTransport } from './transport.js';

/** An object that our rights let us create, and that an admission policy must refuse. */
export interface PolicyProbe {
  readonly kind: ResourceKind;
  readonly namespace: string;
  readonly body: object;
  /** What the policy is for; completes the sentence "No admission policy ...". */
  readonly purpose: string;
}

/** How every ValidatingAdmissionPolicy begins what it refuses (Kubernetes, "Validating Admission Policy"). */
const REFUSED_BY_POLICY = 'ValidatingAdmissionPolicy';

/** Finds out whether admission policies are in force: nothing but a refusal shows that one is bound and means us. */
@Injectable()
export class PolicyCheck {
  constructor(private readonly transport: KubeTransport) {}

  /**
   * The purposes of the probes that no policy refused. One dry-run create each, which stores nothing.
   * @throws {KubernetesError} if the API server answers with anything but a creation or a refusal
   */
  async missing(probes: readonly PolicyProbe[], signal?: AbortSignal): Promise<readonly string[]> {
    const refused = await Promise.all(probes.map((probe) => this.isRefused(probe, signal)));
    return probes.filter((_, index) => !refused[index]).map(({ purpose }) => purpose);
  }

  private async isRefused(
    { kind, namespace, body }: PolicyProbe,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    try {
      await this.transport.request<KubeObject>({
        verb: 'create',
        kind,
        ref: { namespace },
        query: { dryRun: 'All' },
        body,
        repeatable: true,
        options: { priority: 'interactive', reason: 'start-check', signal },
      });
      return false;
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.status < 400 || error.status >= 500) throw error;
      return error.apiMessage.includes(REFUSED_BY_POLICY);
    }
  }
}
