import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Container } from '../types.js';
import type { PodContext } from './pod-context.js';

/**
 * Puts the Secrets and ConfigMaps that a container mounts into a folder of this machine, under their mount paths.
 * Undefined if it mounts none. Throws MissingReference.
 */
export async function layOutFiles(context: PodContext, container: Container): Promise<string | undefined> {
  const files = await mountedFiles(context, container);
  if (files.length === 0) return undefined;
  const root = await mkdtemp(join(tmpdir(), 'berth-container-'));
  try {
    for (const [path, content] of files) {
      const file = join(root, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return root;
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }
}

async function mountedFiles(
  { pod, references }: PodContext,
  { volumeMounts = [] }: Container,
): Promise<(readonly [path: string, content: string])[]> {
  const mounted = volumeMounts.map(async ({ name, mountPath, subPath }) => {
    const volume = pod.spec.volumes?.find((each) => each.name === name);
    const files = Object.entries(volume ? await references.files(volume) : {});
    if (subPath === undefined)
      return files.map(([file, content]) => [join(mountPath, file), content] as const);
    return files.filter(([file]) => file === subPath).map(([, content]) => [mountPath, content] as const);
  });
  return (await Promise.all(mounted)).flat();
}
