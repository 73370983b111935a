import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Clock, SystemClock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { FakeApi, sendJson, sendStatus } from '../../test/support/fake-api.js';
import { kubeconfigFor } from '../../test/support/kube.js';
import { MemoryLog } from '../../test/support/memory-log.js';
import { until } from '../../test/support/until.js';
import {
  AccessCheck,
  CONFIG_MAPS,
  CrdCheck,
  Informers,
  KubeConnection,
  KubernetesModule,
  KubeReader,
  KubeWriter,
  Leadership,
  PodEvents,
  type KubeObject,
  type ResourceKind,
} from './index.js';

@Global()
@Module({
  providers: [
    { provide: Clock, useClass: SystemClock },
    { provide: Log, useFactory: () => new MemoryLog() },
  ],
  exports: [Clock, Log],
})
class CommonModule {}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const MAPS: ResourceKind = CONFIG_MAPS;

describe('KubernetesModule', () => {
  it('gives every class of the front door, and a write shows in an informer at once', async () => {
    const api = await FakeApi.start((asked, response) => {
      if (asked.query.has('sendInitialEvents')) sendStatus(response, 422, 'Invalid');
      else if (asked.query.has('watch')) response.writeHead(200).flushHeaders();
      else if (asked.method === 'POST') {
        sendJson(response, 201, { metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '9' } });
      } else sendJson(response, 200, { metadata: { resourceVersion: '5' }, items: [] });
    });
    closers.push(() => api.stop());
    const kubeconfig = await kubeconfigFor(api.url, { namespace: 'mine' });
    const options = { kubeconfig, version: '0', lease: { name: 'berth', identity: 'spec' } };
    const app = await Test.createTestingModule({
      imports: [CommonModule, KubernetesModule.forRoot(options)],
    }).compile();
    await app.init();
    closers.push(() => app.close());
    const informers = app.get(Informers);
    const informer = informers.add({ kind: MAPS });
    informers.start();
    closers.push(() => informers.stop());
    await informer.whenSynced();

    const call = { priority: 'reconcile', reason: 'spec' } as const;
    const object = JSON.parse('{"metadata":{"name":"a","namespace":"n"}}') as KubeObject;
    await app.get(KubeWriter).create(MAPS, object, call);

    expect(informer.get({ namespace: 'n', name: 'a' })?.metadata?.uid).toBe('u');
    expect(app.get(KubeConnection)).toMatchObject({ namespace: 'mine', onLoopback: true });
    for (const type of [KubeReader, PodEvents, Leadership, CrdCheck, AccessCheck])
      expect(app.get(type)).toBeInstanceOf(type);
    await until(() => informers.all()[0]?.size === 1);
  });
});
