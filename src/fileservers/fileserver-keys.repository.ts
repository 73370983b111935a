import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { V1Secret } from '@kubernetes/client-node';
import { Injectable } from '@nestjs/common';

import type { Plain } from '../common/plain.js';
import { Informers, KubeConnection, KubeWriter, SECRETS } from '../kubernetes/index.js';
import type { Informer } from '../kubernetes/index.js';

/** Made once, by whoever leads; deleting it ends all keys of servers. */
const MASTER = 'berth-fileserver-master';
const MASTER_TYPE = 'berth.dev/fileserver-master';
const FIELD = 'key';
const BYTES = 32;
/** Separates these keys from whatever else the master key may be used for one day. */
const PURPOSE = 'berth/fileserver/v1\n';
const PRESENTED = /^([0-9a-fA-F-]{1,64})\.([A-Za-z0-9_-]{43})$/;

/**
 * The keys by which file servers prove to us who they are: HMAC of the FileServer's UID under a master key in our
 * namespace. Any replica checks one without a read, and none is stored by us.
 */
@Injectable()
export class FileserverKeys {
  private readonly masters: Informer<Buffer | undefined>;

  constructor(
    informers: Informers,
    private readonly writer: KubeWriter,
    private readonly connection: KubeConnection,
  ) {
    this.masters = informers.add<V1Secret, Buffer | undefined>({
      kind: SECRETS,
      namespace: connection.namespace,
      fieldSelector: `metadata.name=${MASTER}`,
      project: ({ data }) => usable(Buffer.from(data?.[FIELD] ?? '', 'base64')),
    });
  }

  get synced(): boolean {
    return this.masters.synced;
  }

  /** Makes the master key; a key that exists stays. @throws {KubernetesError} */
  async make(signal: AbortSignal): Promise<void> {
    const secret: Plain<V1Secret> = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: MASTER, namespace: this.connection.namespace },
      type: MASTER_TYPE,
      immutable: true,
      data: { [FIELD]: randomBytes(BYTES).toString('base64') },
    };
    const options = { priority: 'reconcile', reason: 'fileserver-master', signal } as const;
    await this.writer.createIfAbsent(SECRETS, secret, options);
  }

  /** The key of the server with this UID; undefined without a master key. */
  keyOf(uid: string): string | undefined {
    const mac = this.mac(uid);
    return mac && `${uid}.${mac.toString('base64url')}`;
  }

  /** The UID that a key was made for; undefined for anything that is no key of ours. */
  uidOf(presented: string): string | undefined {
    const [, uid = '', shown = ''] = PRESENTED.exec(presented) ?? [];
    const mac = uid === '' ? undefined : this.mac(uid);
    if (!mac) return undefined;
    const given = Buffer.from(shown, 'base64url');
    return given.length === mac.length && timingSafeEqual(given, mac) ? uid : undefined;
  }

  private mac(uid: string): Buffer | undefined {
    const master = this.masters.get({ namespace: this.connection.namespace, name: MASTER });
    return (
      master &&
      createHmac('sha256', master)
        .update(PURPOSE + uid)
        .digest()
    );
  }
}

/** A short one, or none, would be a key that anybody can guess. */
const usable = (key: Buffer): Buffer | undefined => (key.length >= BYTES ? key : undefined);
