import { describe } from 'vitest';

import { itConverges } from '../../support/converge.js';
import { ADOPT, RECREATE, SPAWN, STOP } from '../support/lab-flows.js';

describe('a process that dies', () => {
  itConverges(SPAWN);
  itConverges(STOP);
  itConverges(RECREATE);
  itConverges(ADOPT);
});
