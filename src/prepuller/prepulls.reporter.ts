import { Injectable } from '@nestjs/common';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { ImageMatrix } from '../images/index.js';
import { reportsOf } from './prepull.mapper.js';
import { PrepullsRepository } from './prepulls.repository.js';

/** Brings every finding and every pull under way to the matrix of images; on each replica, from its own caches. */
@Injectable()
export class PrepullsReporter implements OnModuleInit, OnModuleDestroy {
  private end: () => void = () => undefined;

  constructor(
    private readonly pulls: PrepullsRepository,
    private readonly matrix: ImageMatrix,
  ) {}

  onModuleInit(): void {
    this.end = this.pulls.onChange((node) =>
      this.matrix.report(node, reportsOf(this.pulls.recordOf(node), this.pulls.pullsOn(node))),
    );
  }

  onModuleDestroy(): void {
    this.end();
  }
}
