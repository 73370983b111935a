import { describe } from 'vitest';

import { itConverges } from '../../support/converge.js';
import { ADOPT, RECREATE, SPAWN, STOP } from '../support/lab-flows.js';

describe('a process that dies', () => {
  /**
   * @promise nothing is lost
   * @fault the process dies before, at or after any request of a spawn
   * @outcome the next one brings the same lab up; each event is told once
   */
  itConverges(SPAWN);
  /**
   * @promise nothing is lost
   * @fault the process dies before, at or after any request of a stop
   * @outcome the next one removes everything; only the record stays
   */
  itConverges(STOP);
  /**
   * @promise nothing is lost
   * @fault the process dies before, at or after any request of a start over a failed lab
   * @outcome the next one removes the remains and brings the new lab up
   */
  itConverges(RECREATE);
  /**
   * @promise nothing is lost
   * @fault the process dies before, at or after any request of the adoption of a running lab
   * @outcome the next one adopts it; the lab is not touched
   */
  itConverges(ADOPT);
});
