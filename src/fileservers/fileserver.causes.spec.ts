import { describe, expect, it } from 'vitest';

import { instant } from '../common/units.js';
import { endOf } from './fileserver.causes.js';

const evicted = (overMessage: string, lastWords = '') =>
  endOf({
    ...{ name: 'rachel-fs-x', uid: 'pod', createdAt: instant(0), node: 'node-1', deletingUntil: undefined },
    ...{ ready: false, over: true, overReason: 'Evicted', overMessage, unschedulable: undefined },
    container: { image: 'files', state: 'terminated', reason: 'Error', message: lastWords, exitCode: 137 },
  });

describe('a file server that was evicted', () => {
  it.each([
    ['The node was low on resource: memory. ', 'evicted'],
    ['Usage of EmptyDir volume "tmp" exceeds the limit "1Gi". ', 'storage_limit_exceeded'],
    ['Container files exceeded its local ephemeral storage limit "2Gi". ', 'storage_limit_exceeded'],
    [
      'Pod ephemeral local storage usage exceeds the total limit of containers 2Gi. ',
      'storage_limit_exceeded',
    ],
  ])('because of "%s" is told of as %s', (words, reason) => {
    expect(evicted(words, 'bye')).toMatchObject({ reason, who: 'operator', evidence: words.trim() });
  });
});
