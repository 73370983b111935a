export { aBuildInput, aRequest } from './build-input.gen.js';
export { aLab, aUser, anOperation } from './lab.gen.js';
export { someSettings } from './settings.gen.js';
