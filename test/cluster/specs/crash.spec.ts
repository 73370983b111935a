import { CALL_FAULTS } from '../../support/call-faults.js';
import { itConverges, itEndures } from '../../support/converge.js';
import { realSpawn, realStop } from '../support/real-stage.js';
import { describeReal } from '../support/shared-cluster.js';

describeReal('a process that dies, on a real control plane', (cluster) => {
  /**
   * @promise nothing is lost
   * @fault on a real control plane, the process dies before, at or after any request of a spawn
   * @outcome the next one brings the same lab up; each event is told once
   */
  itConverges(realSpawn(cluster));
  /**
   * @promise nothing is lost
   * @fault on a real control plane, the process dies before, at or after any request of a stop
   * @outcome the next one removes everything; only the record stays
   */
  itConverges(realStop(cluster));
  /**
   * @promise nothing is lost
   * @fault on a real control plane, any one request of a spawn meets 429, 500, or a reset after it was applied
   * @outcome the lab comes up as if nothing had been; each event is told once
   */
  itEndures(realSpawn(cluster), {
    '429': CALL_FAULTS['429'],
    '500': CALL_FAULTS['500'],
    'reset after': CALL_FAULTS['reset after'],
  });
});
