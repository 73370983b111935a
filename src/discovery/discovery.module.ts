import { Module } from '@nestjs/common';
import { DiscoveryClient } from './discovery.client.js';

@Module({ providers: [DiscoveryClient], exports: [DiscoveryClient] })
export class DiscoveryModule {}
