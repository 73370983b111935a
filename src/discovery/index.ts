export { DiscoveryClient } from './discovery.client.js';
export { DiscoveryModule } from './discovery.module.js';
export { DiscoveryUnavailable } from './discovery.errors.js';
