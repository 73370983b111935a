import type { INestApplicationContext } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { apiSettings } from '../test/support/api-app.js';
import { AccessCheck, CrdCheck, KubeConnection, KubernetesError } from './kubernetes/index.js';
import { checkStart } from './start-checks.js';
import { StartProblem } from './start-problem.js';

const FORBIDDEN = new KubernetesError({
  verb: 'get',
  kind: 'CustomResourceDefinition',
  status: 403,
  verdict: 'permanent',
  apiMessage: 'customresourcedefinitions.apiextensions.k8s.io "labs.berth.dev" is forbidden',
});

const unanswered = (apiMessage: string): KubernetesError =>
  new KubernetesError({ verb: 'get', kind: 'Namespace', status: 0, verdict: 'retry', apiMessage });

async function problemsOf(failure: KubernetesError): Promise<readonly string[]> {
  const parts = new Map<unknown, unknown>([
    [KubeConnection, { namespace: 'berth', server: 'https://127.0.0.1:6443', onLoopback: true }],
    [
      CrdCheck,
      { required: () => [], check: () => Promise.reject(failure), install: () => Promise.reject(failure) },
    ],
    [AccessCheck, { missing: (needs: readonly unknown[]) => Promise.resolve(needs) }],
  ]);
  const app = { get: (part: unknown) => parts.get(part) } as unknown as INestApplicationContext;
  const error = await checkStart(app, apiSettings()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StartProblem);
  return (error as StartProblem).sentences;
}

describe('checkStart', () => {
  it('names all rights of a user who has none, not only the first that was needed', async () => {
    const sentences = await problemsOf(FORBIDDEN);

    expect(sentences[0]).toContain('"labs.berth.dev" is forbidden');
    expect(sentences.some((sentence) => sentence.startsWith('Not allowed to get, list, watch'))).toBe(true);
  });

  it.each([
    [
      'no answer: spawn no-such-helper ENOENT',
      'the credential helper no-such-helper that the kubeconfig names',
    ],
    ['no answer: 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:', 'does not speak TLS'],
    [
      "no answer: ENOENT: no such file or directory, stat '/etc/kube/client.crt'",
      '/etc/kube/client.crt, which the kubeconfig names, cannot be read',
    ],
    ['no answer: connect ECONNREFUSED 127.0.0.1:6443', 'connect ECONNREFUSED 127.0.0.1:6443'],
  ])('says %j so that an operator knows what to mend', async (message, sentence) => {
    const sentences = await problemsOf(unanswered(message));

    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toContain('The Kubernetes API at https://127.0.0.1:6443 cannot be reached');
    expect(sentences[0]).toContain(sentence);
  });
});
