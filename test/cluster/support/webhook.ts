import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';

import { selfSigned } from '../../support/certificate.js';
import type { Api } from './api.js';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** What a webhook makes of an object: changes it, refuses it with words, or says nothing at all. */
export type Hook =
  | {
      readonly do: 'change';
      readonly patch: (object: { spec: { containers: { image: string }[] } }) => object[];
    }
  | { readonly do: 'deny'; readonly words: string }
  | { readonly do: 'hang' };

interface Review {
  readonly request: { readonly uid: string; readonly object: { spec: { containers: { image: string }[] } } };
}

/** A mutating webhook for the pods of one user's namespace, as a service mesh or an image mirror brings one. */
export class PodWebhook {
  hook: Hook = { do: 'hang' };
  calls = 0;
  private readonly server: Server;
  private readonly certified = selfSigned('webhook');

  private constructor(
    private readonly api: Api,
    private readonly name: string,
  ) {
    this.server = createServer(this.certified, (request, response) => {
      void (async () => {
        let text = '';
        for await (const chunk of request) text += String(chunk);
        this.calls += 1;
        const answer = this.answer((JSON.parse(text) as Review).request);
        if (answer) response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      })();
    });
  }

  /** Registered for pods in namespaces of this user only; the cluster is shared. */
  static async install(api: Api, user: string): Promise<PodWebhook> {
    const webhook = new PodWebhook(api, `pods-of-${user}.example.org`);
    webhook.server.listen(0, '127.0.0.1');
    await once(webhook.server, 'listening');
    await api.make(CONFIGURATIONS, webhook.configuration(user));
    return webhook;
  }

  /** Goes away, and leaves its registration behind. */
  async fallSilent(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async remove(): Promise<void> {
    await this.api.remove(`${CONFIGURATIONS}/${this.name}`);
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private configuration(user: string): object {
    const { port } = this.server.address() as AddressInfo;
    const caBundle = Buffer.from(this.certified.cert).toString('base64');
    return {
      metadata: { name: this.name },
      webhooks: [
        {
          name: this.name,
          clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
          namespaceSelector: { matchLabels: { 'nublado.lsst.io/user': user } },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
        },
      ],
    };
  }

  private answer({ uid, object }: Review['request']): object | undefined {
    const { hook } = this;
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
    if (hook.do === 'hang') return undefined;
    if (hook.do === 'deny')
      return { ...review, response: { uid, allowed: false, status: { code: 403, message: hook.words } } };
    const patch = Buffer.from(JSON.stringify(hook.patch(object))).toString('base64');
    return { ...review, response: { uid, allowed: true, patchType: 'JSONPatch', patch } };
  }
}
