import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../../support/certificate.js';
import type { Stage } from './stage.js';

const PATH = '/apis/admissionregistration.k8s.io/v1';

export type Verdict =
  | { readonly do: 'deny'; readonly message: string }
  | { readonly do: 'patch'; readonly patch: readonly object[] }
  | { readonly do: 'hang' };

/** Puts a webhook in front of the pods of the stage's namespace; with no verdict, nobody answers where it should be. */
export async function interpose(stage: Stage, verdict?: Verdict): Promise<void> {
  const { cert, key } = selfSigned('webhook');
  const server = createServer({ cert, key }, (request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const { request: asked } = JSON.parse(text) as { request: { uid: string } };
      if (verdict && verdict.do !== 'hang') response.end(JSON.stringify(review(asked.uid, verdict)));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  if (verdict) stage.later(stop);
  else await stop();
  const kind = verdict?.do === 'patch' ? 'mutating' : 'validating';
  const name = `guard.${stage.namespace}.example.org`;
  await stage.api.make(`${PATH}/${kind}webhookconfigurations`, {
    metadata: { name },
    webhooks: [
      {
        name,
        clientConfig: { url, caBundle: btoa(cert) },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': stage.namespace } },
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 2,
      },
    ],
  });
  stage.later(() => stage.api.remove(`${PATH}/${kind}webhookconfigurations/${name}`));
  // The API server reads its webhooks by a watch of its own.
  await stage.pause(1.5);
}

function review(uid: string, verdict: Exclude<Verdict, { do: 'hang' }>): object {
  const answer =
    verdict.do === 'deny'
      ? { allowed: false, status: { code: 403, message: verdict.message } }
      : { allowed: true, patchType: 'JSONPatch', patch: btoa(JSON.stringify(verdict.patch)) };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, ...answer },
  };
}
