import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeconfigError, loadConfig } from './kubeconfig.js';

const CLUSTER = 'clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]';

describe('a kubeconfig that cannot be used', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-kubeconfig-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['no file', undefined, 'there is no such file'],
    ['a syntax error', 'users: [{user: {token: hidden-token', 'it is not a kubeconfig in YAML'],
    ['nothing in it', '{}', 'has no current context; kubectl config use-context chooses another'],
    ['a context that is not there', `${CLUSTER}\ncurrent-context: gone`, "has no context 'gone'"],
    [
      'a context without a cluster',
      'contexts: [{name: x, context: {cluster: gone, user: u}}]\ncurrent-context: x',
      "the context 'x' of the kubeconfig",
    ],
  ])('with %s is refused with its path and what is wrong', async (name, text, reason) => {
    const file = join(folder, name.replaceAll(' ', '-'));
    if (text !== undefined) await writeFile(file, text);

    const error: unknown = await loadConfig({ kubeconfig: file }).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(KubeconfigError);
    expect((error as Error).message).toContain(file);
    expect((error as Error).message).toContain(reason);
    expect((error as Error).message).not.toContain('hidden-token');
  });
});
