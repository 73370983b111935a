import { describe } from 'vitest';

import { itConverges, itEndures } from '../../support/converge.js';
import { REFRESH, REGISTRY_FAULTS } from '../support/refresh-flows.js';

describe('refreshing the catalogue of images', () => {
  /**
   * @promise nothing is lost
   * @fault the process dies before, at or after any request to the registry
   * @outcome the next one has the same catalogue
   */
  itConverges(REFRESH);
  /**
   * @promise nothing is lost
   * @fault any one request to the registry meets 403, 429, 500, 503, a reset, a hang, wrong JSON or an old answer
   * @outcome the last good catalogue stands, the next refresh completes it, and no credential is in the log
   */
  itEndures(REFRESH, REGISTRY_FAULTS);
});
