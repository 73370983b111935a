import { describe } from 'vitest';

import { itConverges, itEndures } from '../../support/converge.js';
import { PREPULL } from '../support/prepull-flows.js';

describe('prepulling', () => {
  itConverges(PREPULL);
  itEndures(PREPULL);
});
