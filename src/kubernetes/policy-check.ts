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

/** What became of a probe: no policy refused it, or there is nothing that it could have been created in. */
export type PolicyGap = 'no_policy' | 'no_namespace';

/** How every ValidatingAdmissionPolicy begins what it refuses (Kubernetes, "Validating Admission Policy"). */
const REFUSED_BY_POLICY = 'ValidatingAdmissionPolicy';

/** Finds out whether admission policies are in force: nothing but a refusal shows that one is bound and means us. */
@Injectable()
export class PolicyCheck {
  constructor(private readonly transport: KubeTransport) {}

  /**
   * The probes that no policy refused, and why. One dry-run create each, which stores nothing.
   * @throws {KubernetesError} if the API server answers with anything but a creation or a refusal
   */
  async missing(
    probes: readonly PolicyProbe[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<PolicyProbe, PolicyGap>> {
    const gaps = await Promise.all(probes.map((probe) => this.gapOf(probe, signal)));
    return new Map(
      probes.flatMap((probe, index): [PolicyProbe, PolicyGap][] => {
        const gap = gaps[index];
        return gap === undefined ? [] : [[probe, gap]];
      }),
    );
  }

  private async gapOf(
    { kind, namespace, body }: PolicyProbe,
    signal: AbortSignal | undefined,
  ): Promise<PolicyGap | undefined> {
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
      return 'no_policy';
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.status < 400 || error.status >= 500) throw error;
      // The namespace is looked for before any policy is asked.
      if (error.status === 404 && error.apiMessage.startsWith('namespaces "')) return 'no_namespace';
      return error.apiMessage.includes(REFUSED_BY_POLICY) ? undefined : 'no_policy';
    }
  }
}
