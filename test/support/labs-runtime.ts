import { Module } from '@nestjs/common';

import type { Cluster } from '../../simulator/cluster.js';
import { startFaultProxy } from '../../simulator/faults/index.js';
import type { FaultProxy } from '../../simulator/faults/index.js';
import type { Settings } from '../../src/config/index.js';
import { ImageMatrix, ImagesModule, ImagesService } from '../../src/images/index.js';
import { LabsModule, LabsReadiness, LabsService } from '../../src/labs/index.js';
import type { CreateLab, ProgressItem } from '../../src/labs/index.js';
import { someSettings } from '../gen/settings.gen.js';
import type { ConfigPiece } from '../gen/settings.gen.js';
import { JUMP_LEASE } from './jump-clock.js';
import type { JumpClock } from './jump-clock.js';
import { startRoomProcess } from './room-process.js';
import type { RoomProcess, RoomProcessOptions } from './room-process.js';

export { startBerthCluster as startLabCluster } from './room-cluster.js';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const images = {
  resolve: (request: { readonly reference: string }) =>
    Promise.resolve({ reference: request.reference, tag: 'w1', digest: DIGEST, displayName: 'Weekly 1' }),
};

const matrix: Pick<ImageMatrix, 'allRows'> = { allRows: () => [] };

@Module({
  providers: [
    { provide: ImagesService, useValue: images },
    { provide: ImageMatrix, useValue: matrix },
  ],
  exports: [ImageMatrix, ImagesService],
})
class SomeImagesModule {}

/** One process of Berth without its HTTP side, against any API server. */
export interface Runtime extends RoomProcess {
  readonly labs: LabsService;
  readonly readiness: LabsReadiness;
}

/** The rooms of labs, with some images to choose from. */
export const LAB_ROOMS = {
  modules: [LabsModule],
  replaced: [[ImagesModule, SomeImagesModule]],
} as const satisfies Pick<RoomProcessOptions, 'modules' | 'replaced'>;

export async function startRuntime(
  options: Omit<RoomProcessOptions, 'modules' | 'replaced'>,
): Promise<Runtime> {
  const room = await startRoomProcess({ ...options, ...LAB_ROOMS, modules: [...LAB_ROOMS.modules] });
  return { ...room, labs: room.get(LabsService), readiness: room.get(LabsReadiness) };
}

/** A cluster, and a ready process that meets it through a proxy, which specs have spoil what they like. */
export async function startSpoilable(
  cluster: Cluster,
  clock: JumpClock,
  piece: ConfigPiece = {},
): Promise<{ readonly proxy: FaultProxy; readonly runtime: Runtime; close(): Promise<void> }> {
  const proxy = await startFaultProxy({ target: cluster.api.url });
  const kubeconfig = proxy.kubeconfig('berth');
  const settings = someRuntimeSettings(piece);
  const runtime = await startRuntime({ kubeconfig, settings, clock, lease: JUMP_LEASE });
  await runtime.readiness.whenReady();
  const close = async (): Promise<void> => {
    await runtime.close();
    await proxy.close();
    await cluster.close();
  };
  return { proxy, runtime, close };
}

/** Settings of a process that needs nothing but the cluster. */
export const someRuntimeSettings = (piece: ConfigPiece = {}): Settings =>
  someSettings(
    {
      ...piece,
      berth: { auth: { gafaelfawrUrl: 'http://127.0.0.1:1' }, ...(piece.berth as object | undefined) },
    },
    { REPERTOIRE_BASE_URL: '' },
  );

/** The image that scripts of kubelets know as `science/{name}`. */
export const imageOf = (name: string): string => `registry.example.org/science/${name}:w1@${DIGEST}`;

/** A request of `user` for the image `science/{image}`. */
export function aCreate(user = 'rachel', image = 'lab', parts: Partial<CreateLab> = {}): CreateLab {
  return {
    user: { username: user, name: 'Some Body', uid: 1101, gid: 1101, groups: [{ name: user, id: 1101 }] },
    token: `gt-token-of-${user}`,
    image: { kind: 'reference', reference: imageOf(image), field: 'image_list' },
    size: 'small',
    enableDebug: false,
    resetUserEnv: false,
    env: { JUPYTERHUB_SERVICE_PREFIX: `/nb/user/${user}/`, JUPYTERHUB_API_TOKEN: 'secret' },
    ...parts,
  };
}

/** Reads a story to its end. */
export async function storyOf(labs: LabsService, user = 'rachel', after?: string): Promise<ProgressItem[]> {
  const stream = await labs.progress(user, after);
  const items: ProgressItem[] = [];
  for await (const item of stream.items()) items.push(item);
  return items;
}
