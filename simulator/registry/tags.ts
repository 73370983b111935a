import { createHash } from 'node:crypto';

/** A dozen tags as a science platform's registry has them. Tags on one line are names of one image. */
const published = [
  ['w_2026_46', 'latest_weekly', 'recommended'],
  ['w_2026_45'],
  ['w_2026_44'],
  ['d_2026_11_20', 'latest_daily'],
  ['d_2026_11_19'],
  ['r29_1_0'],
  ['r30_0_0', 'latest_release'],
  ['r30_0_0_rc1'],
  ['exp_w_2026_45_new-kernel'],
];

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** The digest of the image that this registry makes up for a name; always the same. */
export const digestFor = (repository: string, image: string): string => sha256(`${repository}:${image}`);

/** The default catalogue of a repository: digest by tag. */
export function defaultTags(repository: string): Map<string, string> {
  return new Map(
    published.flatMap((tags) => tags.map((tag) => [tag, digestFor(repository, tags[0] ?? tag)] as const)),
  );
}

/** The manifest behind a digest. It is made up, so its own hash is not the digest; nobody here pulls layers. */
export function manifest(kind: 'v2' | 'index', digest: string): { type: string; body: string } {
  const config = sha256(`config of ${digest}`);
  if (kind === 'index') {
    const type = 'application/vnd.oci.image.index.v1+json';
    const platforms = ['amd64', 'arm64'].map((architecture) => ({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: sha256(`${architecture} of ${digest}`),
      size: 1234,
      platform: { architecture, os: 'linux' },
    }));
    return { type, body: JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: platforms }) };
  }
  const type = 'application/vnd.docker.distribution.manifest.v2+json';
  const layer = {
    mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
    size: 9876,
    digest: config,
  };
  const configuration = {
    mediaType: 'application/vnd.docker.container.image.v1+json',
    size: 4321,
    digest: config,
  };
  const body = { schemaVersion: 2, mediaType: type, config: configuration, layers: [layer] };
  return { type, body: JSON.stringify(body) };
}
