import type { RecordedCase } from '../case.js';
import { admissionCases } from './admission.cases.js';
import { containerCases } from './container.cases.js';
import { imageCases } from './image.cases.js';
import { nodeCases } from './node.cases.js';
import { schedulerCases } from './scheduler.cases.js';
import { volumeCases } from './volume.cases.js';

/** Every pod's fate that is written down in test/fixtures/recorded. */
export const recordedCases: readonly RecordedCase[] = [
  ...schedulerCases,
  ...admissionCases,
  ...imageCases,
  ...containerCases,
  ...volumeCases,
  ...nodeCases,
];
