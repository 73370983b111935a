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

describe('checkStart', () => {
  it('names all rights of a user who has none, not only the first that was needed', async () => {
    const parts = new Map<unknown, unknown>([
      [KubeConnection, { namespace: 'berth', server: 'https://127.0.0.1:6443', onLoopback: true }],
      [CrdCheck, { required: () => [], install: () => Promise.reject(FORBIDDEN) }],
      [AccessCheck, { missing: (needs: readonly unknown[]) => Promise.resolve(needs) }],
    ]);
    const app = { get: (part: unknown) => parts.get(part) } as unknown as INestApplicationContext;

    const error = await checkStart(app, apiSettings()).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(StartProblem);
    const { sentences } = error as StartProblem;
    expect(sentences[0]).toContain('"labs.berth.dev" is forbidden');
    expect(sentences.some((sentence) => sentence.startsWith('Not allowed to get, list, watch'))).toBe(true);
  });
});
