import { ApiPropertyOptional } from '@nestjs/swagger';
import { wholeOf } from '../../common/ledger.js';
import { MayBeAbsent, OneOf } from '../../http/index.js';
import type { EventSource, StreamEvent } from '../../http/index.js';
import type { ProgressItem, ProgressStream } from '../lab.views.js';

/** `?format=native` asks for the richer events. */
export class ProgressQueryDto {
  @ApiPropertyOptional({
    enum: ['contract', 'native'],
    default: 'contract',
    description:
      'How much each event tells. `native` adds reason, severity, remedy, who can act, and the evidence',
  })
  @MayBeAbsent()
  @OneOf(['contract', 'native'])
  format?: 'contract' | 'native';

  static read(input: Readonly<Record<string, unknown>>): ProgressQueryDto {
    return Object.assign(new ProgressQueryDto(), { format: input['format'] });
  }
}

/** Reads a lab's story aloud, in the contract's words or in our own. */
export function eventsOf(stream: ProgressStream, format: 'contract' | 'native'): EventSource {
  const print = format === 'native' ? nativeEvent : contractEvent;
  return {
    async *events() {
      for await (const item of stream.items()) yield print(item);
    },
    close: () => stream.close(),
  };
}

/** Exactly `message` and `progress`: the Hub's plugin shows its user the raw JSON if there is any other key. */
function contractEvent({ id, entry }: ProgressItem): StreamEvent {
  const { event, progress } = entry;
  // Whoever waits sees nothing else. What follows `error` stays the contract's word.
  const message = event === 'failed' ? entry.message : wholeOf(entry);
  return { event, id, data: progress === undefined ? { message } : { message, progress } };
}

/** The same event under the same id, with all that is known; facts that are not are null. */
function nativeEvent({ id, entry }: ProgressItem): StreamEvent {
  const { event, reason, severity, message } = entry;
  return {
    event,
    id,
    data: {
      at: new Date(entry.at).toISOString(),
      reason,
      severity,
      message,
      progress: entry.progress ?? null,
      remedy: entry.remedy ?? null,
      who: entry.who ?? null,
      evidence: entry.evidence ?? null,
    },
  };
}
