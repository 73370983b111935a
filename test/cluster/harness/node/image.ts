import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** One file of an image; folders above it are made. */
export interface ImageFile {
  readonly path: string;
  readonly content: string | Buffer;
  readonly isExecutable?: boolean;
}

export interface ImageRecipe {
  readonly layers: readonly (readonly ImageFile[])[];
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
}

export interface Blob {
  readonly digest: string;
  readonly content: Buffer;
}

/** An image as a registry keeps it: blobs, and the manifest that names them. */
export interface Image {
  readonly blobs: readonly Blob[];
  readonly manifest: Blob;
}

/** The media type of `Image.manifest` (Docker Registry, "Image Manifest V 2, Schema 2"). */
export const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/** Assembles an image from files, with nothing of the machine in it but what is given: same files, same digest. */
export function assemble(recipe: ImageRecipe): Image {
  const tars = recipe.layers.map(tarOf);
  const layers = tars.map((tar) => blobOf(gzipSync(tar, { level: 1 })));
  const config = blobOf(
    Buffer.from(
      JSON.stringify({
        architecture: machine(),
        os: 'linux',
        created: '1970-01-01T00:00:00Z',
        config: { Entrypoint: recipe.entrypoint ?? null, Cmd: recipe.command ?? null, Env: ['PATH=/bin'] },
        rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
      }),
    ),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: describe(config, 'application/vnd.docker.container.image.v1+json'),
    layers: layers.map((each) => describe(each, 'application/vnd.docker.image.rootfs.diff.tar.gzip')),
  };
  return { blobs: [config, ...layers], manifest: blobOf(Buffer.from(JSON.stringify(manifest))) };
}

const machine = (): string => (process.arch === 'x64' ? 'amd64' : process.arch);

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

const blobOf = (content: Buffer): Blob => ({ digest: digestOf(content), content });

const describe = ({ digest, content }: Blob, mediaType: string): object => ({
  mediaType,
  size: content.length,
  digest,
});

const BLOCK = 512;

function tarOf(files: readonly ImageFile[]): Buffer {
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)));
  const entries = [
    ...[...folders].sort().map((path) => header({ path: `${path}/`, size: 0, mode: 0o755, type: '5' })),
    ...files.flatMap(({ path, content, isExecutable }) => {
      const data = Buffer.from(content);
      const padding = Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK);
      return [
        header({ path, size: data.length, mode: isExecutable ? 0o755 : 0o644, type: '0' }),
        data,
        padding,
      ];
    }),
  ];
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

interface Entry {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  /** `0` a file, `5` a folder. */
  readonly type: '0' | '5';
}

/** A header block (POSIX.1-1988, "ustar"): fields at fixed places, numbers in octal. */
function header({ path, size, mode, type }: Entry): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`${path} is too long for a tar header`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number): void => {
    block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at);
  };
  block.write(path, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write('ustar\0' + '00', 257);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}
