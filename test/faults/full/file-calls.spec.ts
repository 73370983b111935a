import { describe } from 'vitest';

import { itConverges, itEndures } from '../../support/converge.js';
import { roomScenario } from '../../support/room-scenario.js';
import { CLOSE_FILES, OPEN_FILES } from '../support/file-flows.js';

describe('a file server in spite of everything', () => {
  itConverges(roomScenario(OPEN_FILES));
  itConverges(roomScenario(CLOSE_FILES));
  itEndures(roomScenario(OPEN_FILES));
  itEndures(roomScenario(CLOSE_FILES));
});
