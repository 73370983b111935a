import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Observable, race } from 'rxjs';
import { ShuttingDown } from '../errors/http.errors.js';
import { Requests } from './requests.js';

/** Gives whoever still waits when the drain time is over an answer instead of a reset. Streams end by themselves. */
@Injectable()
export class CutInterceptor implements NestInterceptor {
  constructor(private readonly requests: Requests) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { cut } = this.requests;
    const ended = new Observable<never>((subscriber) => {
      const onCut = (): void => subscriber.error(new ShuttingDown());
      if (cut.aborted) onCut();
      cut.addEventListener('abort', onCut, { once: true });
      return () => cut.removeEventListener('abort', onCut);
    });
    return race(next.handle(), ended);
  }
}
