import { describe, expect, it } from 'vitest';
import { FakeNodes } from '../../test/support/fake-nodes.js';
import { bytes, milliCpu } from '../common/units.js';
import { LabNodes } from './lab-nodes.repository.js';

const node = (name: string, cpu: string, memory: string) => ({
  metadata: { name },
  status: { allocatable: { cpu, memory } },
});
const size = (cpu: number, gibibytes: number) => ({
  cpu: milliCpu(cpu * 1000),
  memory: bytes(gibibytes * 1024 ** 3),
});

describe('LabNodes', () => {
  it('tells the most of each resource that a node has, whichever node that is', () => {
    const cluster = new FakeNodes();
    const nodes = new LabNodes(cluster.informers);

    cluster.put(node('much-memory', '8', '256Gi'));
    cluster.put(node('many-cores', '64', '128Gi'));

    expect(nodes.largest()).toEqual(size(64, 256));
  });

  it('counts again after a node changed', () => {
    const cluster = new FakeNodes();
    const nodes = new LabNodes(cluster.informers);

    const before = nodes.largest();
    cluster.put(node('small', '4', '16Gi'));
    cluster.put(node('large', '64', '128Gi'));
    const both = nodes.largest();
    cluster.remove('large');

    expect([before, both, nodes.largest()]).toEqual([undefined, size(64, 128), size(4, 16)]);
  });
});
