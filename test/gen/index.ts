export { aBuildInput, aRequest } from './build-input.gen.js';
export { rachelsLab } from './rachel.gen.js';
export { aLab, aUser } from './lab.gen.js';
export { someSettings } from './settings.gen.js';
