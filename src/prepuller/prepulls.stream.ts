import type { EventSource, StreamEvent } from '../http/index.js';
import { toMatrixNode, toPrepullMatrix } from './dto/prepull-matrix.dto.js';
import type { PrepullsService } from './prepulls.service.js';

/** The matrix as a stream that never ends by itself. */
export function matrixEvents(prepulls: PrepullsService): EventSource {
  const changes = prepulls.follow();
  const matrix = (): StreamEvent => ({ event: 'matrix', data: { ...toPrepullMatrix(prepulls.matrix()) } });
  const node = (name: string): StreamEvent => {
    const view = prepulls.node(name);
    return view ? { event: 'node', data: { ...toMatrixNode(view) } } : { event: 'gone', data: { name } };
  };
  return {
    async *events() {
      yield matrix();
      for await (const nodes of changes.batches()) {
        if (nodes) for (const name of nodes) yield node(name);
        else yield matrix();
      }
    },
    close: () => changes.close(),
  };
}
