import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Observable, race } from 'rxjs';
import { onAbort } from '../../common/aborting.js';
import { ShuttingDown } from '../errors/http.errors.js';
import { Requests } from './requests.js';

/** Gives whoever still waits when the drain time is over an answer instead of a reset. Streams end by themselves. */
@Injectable()
export class CutInterceptor implements NestInterceptor {
  constructor(private readonly requests: Requests) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { cut } = this.requests;
    const ended = new Observable<never>((subscriber) =>
      onAbort(cut, () => subscriber.error(new ShuttingDown())),
    );
    return race(next.handle(), ended);
  }
}
