import { request } from 'undici';
import { MANIFEST_TYPE, type Blob, type Image } from './image.js';

/** Where an image goes; the registry speaks plain HTTP on loopback. */
export interface Destination {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
  /** `user:password`, where the registry asks for one. */
  readonly credentials?: string;
}

/** Pushes an image (OCI Distribution, "Push"); resolves with its reference by tag. Throws what the registry said. */
export async function push(image: Image, to: Destination): Promise<string> {
  for (const blob of image.blobs) await pushBlob(blob, to);
  const { content } = image.manifest;
  await send(to, `manifests/${to.tag}`, { method: 'PUT', type: MANIFEST_TYPE, content });
  return `${to.host}/${to.repository}:${to.tag}`;
}

async function pushBlob({ digest, content }: Blob, to: Destination): Promise<void> {
  const { location } = await send(to, 'blobs/uploads/', { method: 'POST' });
  const target = new URL(location, `http://${to.host}`);
  target.searchParams.set('digest', digest);
  await send(to, target.href, { method: 'PUT', type: 'application/octet-stream', content });
}

interface Sending {
  readonly method: 'POST' | 'PUT';
  readonly type?: string;
  readonly content?: Buffer;
}

async function send(
  { host, repository, credentials }: Destination,
  path: string,
  { method, type, content }: Sending,
): Promise<{ readonly location: string }> {
  const url = new URL(path, `http://${host}/v2/${repository}/`);
  const answer = await request(url, {
    method,
    headers: {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(credentials === undefined ? {} : { authorization: `Basic ${btoa(credentials)}` }),
    },
    ...(content ? { body: content } : {}),
  });
  const said = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${url.href}: ${answer.statusCode} ${said}`);
  return { location: String(answer.headers.location ?? '') };
}

/** Deletes an image from a registry by its tag, as a clean-up of the registry does: who asks later finds nothing. */
export async function withdraw(host: string, repository: string, tag: string): Promise<void> {
  const url = `http://${host}/v2/${repository}/manifests/`;
  const found = await request(`${url}${tag}`, { method: 'HEAD', headers: { accept: MANIFEST_TYPE } });
  await found.body.dump();
  const digest = String(found.headers['docker-content-digest'] ?? '');
  const answer = await request(`${url}${digest}`, { method: 'DELETE' });
  const said = await answer.body.text();
  if (answer.statusCode !== 202) throw new Error(`DELETE ${url}${digest}: ${answer.statusCode} ${said}`);
}
