import { createHash } from 'node:crypto';

import { Module } from '@nestjs/common';

import type { Cluster } from '../../simulator/cluster.js';
import type { Settings } from '../../src/config/index.js';
import { ImageMatrix, ImagesModule, ImagesService } from '../../src/images/index.js';
import type { WishedImage } from '../../src/images/index.js';
import { NodesRepository } from '../../src/images/nodes.repository.js';
import { PrepullerModule } from '../../src/prepuller/index.js';
import type { ConfigPiece } from '../gen/settings.gen.js';
import { stored } from './cluster-shapes.js';
import type { Stored } from './cluster-shapes.js';
import { someRuntimeSettings } from './labs-runtime.js';
import { startRoomProcess } from './room-process.js';
import type { RoomProcess, RoomProcessOptions } from './room-process.js';

/** The room of images without a registry: what is wanted, the spec says. */
@Module({
  providers: [NodesRepository, ImageMatrix, { provide: ImagesService, useValue: {} }],
  exports: [ImageMatrix, ImagesService],
})
class WantedImagesModule {}

export const PREPULL_ROOMS = {
  modules: [PrepullerModule],
  replaced: [[ImagesModule, WantedImagesModule]],
} as const satisfies Pick<RoomProcessOptions, 'modules' | 'replaced'>;

/** An image that scripts of kubelets know as `science/{name}`. */
export function someImage(name: string, tag = 'w_2077_43', aliases: readonly string[] = []): WishedImage {
  const digest = `sha256:${createHash('sha256').update(`${name}:${tag}`).digest('hex')}`;
  const reference = `registry.example.org/science/${name}:${tag}@${digest}`;
  return { reference, tag, digest, displayName: `${name} ${tag}`, aliases };
}

/** Short pauses after failures. */
export const prepullSettings = (prepull: ConfigPiece = {}, more: ConfigPiece = {}): Settings =>
  someRuntimeSettings({
    ...more,
    berth: { prepull: { firstRetry: '1s', longestRetry: '2s', ...prepull } },
  });

export interface PrepullProcess extends RoomProcess {
  readonly matrix: ImageMatrix;
}

export async function startPrepuller(
  options: Omit<RoomProcessOptions, 'modules' | 'replaced' | 'settings'> & { readonly settings?: Settings },
): Promise<PrepullProcess> {
  const settings = options.settings ?? prepullSettings();
  const modules = [...PREPULL_ROOMS.modules];
  const room = await startRoomProcess({ ...options, ...PREPULL_ROOMS, modules, settings });
  return { ...room, matrix: room.get(ImageMatrix) };
}

/** Prepull pods that exist. */
export const prepullPods = (cluster: Cluster): readonly Stored[] =>
  stored(cluster, 'pods').filter(
    ({ metadata }) => metadata.labels?.['nublado.lsst.io/category'] === 'prepuller',
  );

interface StoredFinding {
  readonly reference: string;
  readonly state: string;
  readonly reason?: string;
  readonly attempts?: number;
}

interface StoredNodeImages extends Stored {
  readonly status?: { readonly images: readonly StoredFinding[] };
}

/** What the `NodeImages` of a node says, as `image: state` or `image: reason`. */
export function findingsOn(cluster: Cluster, node: string): readonly string[] {
  const all = stored(cluster, 'nodeimages.berth.dev') as readonly StoredNodeImages[];
  const found = all.find(({ metadata }) => metadata.name === node);
  return (found?.status?.images ?? []).map(
    ({ reason, reference, state }) => `${reference.split(/[/:]/)[2] ?? ''}: ${reason ?? state}`,
  );
}

/** Creates an object as somebody else would. */
export async function make(
  cluster: Cluster,
  path: string,
  object: object,
): Promise<{ readonly metadata: { readonly uid: string } }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(cluster.api.url + path, {
    method: 'POST',
    headers,
    body: JSON.stringify(object),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as { metadata: { uid: string } };
}
