import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';

import { seconds } from '../common/units.js';
import { ActorContext } from './actor.context.js';
import type { Lab } from './lab.js';
import { labName } from './lab.names.js';
import { phaseOf } from './lab.phase.js';
import { queueHints } from './lab.queue.js';
import { LabView } from './lab.view.js';
import type { ProgressStream } from './lab.views.js';
import { TooManyStreams, UnknownUser } from './labs.errors.js';
import { LabsReadiness } from './labs.readiness.js';
import { OperationStory } from './operation-story.js';
import { ProgressReader, placeAfter } from './progress-reader.js';

const HINT_EVERY = seconds(2);

/** Streams of what is told of operations: one story for each lab that is read, fed by the informer alone. */
@Injectable()
export class LabsProgress implements OnApplicationShutdown {
  private readonly stories = new Map<string, OperationStory>();
  private readonly readers = new Map<string, Set<ProgressReader>>();
  private readonly end: () => void;
  private cancelHints: (() => void) | undefined;

  constructor(
    private readonly view: LabView,
    private readonly readiness: LabsReadiness,
    private readonly context: ActorContext,
  ) {
    this.end = view.labs.onChange(({ kind, value }) => {
      if (kind === 'deleted') void this.onGone(value.name);
      else if (value.lab) this.onSeen(value.lab);
    });
  }

  onApplicationShutdown(): void {
    this.end();
    this.cancelHints?.();
    for (const readers of this.readers.values()) for (const reader of readers) reader.close();
  }

  /** @throws {UnknownUser} @throws {TooManyStreams} @throws {LabsNotReady} */
  async open(username: string, after: string | undefined): Promise<ProgressStream> {
    const name = labName(username);
    await this.readiness.hold(name);
    const live = await this.readiness.confirmed(name);
    // What happened while that answer was on its way was told before this reader listens: only the cache knows it.
    const cached = this.view.labs.find(name);
    const lab = live && (cached ?? live);
    if (!lab || phaseOf(lab) === 'stopped') throw new UnknownUser(username);
    const readers = this.readers.get(name) ?? new Set();
    const { perUser } = this.context.settings.berth.streams;
    if (readers.size >= perUser) throw new TooManyStreams(username, perUser);
    const story = this.storyFor(lab);
    const reader: ProgressReader = new ProgressReader(story, placeAfter(after, story.operation.id), () =>
      this.onLeft(name, reader),
    );
    this.readers.set(name, readers.add(reader));
    if (!cached) void this.onGone(name);
    this.hintLater();
    return reader;
  }

  private storyFor(lab: Lab): OperationStory {
    const known = this.stories.get(lab.name);
    known?.see(lab);
    if (known?.operation.id === lab.wish.operation.id) return known;
    const fresh = new OperationStory(lab);
    this.stories.set(lab.name, fresh);
    return fresh;
  }

  /** Readers stay with the operation they opened; it ends when the next begins. */
  private onSeen(lab: Lab): void {
    if (this.readers.has(lab.name)) this.storyFor(lab);
  }

  /** Not among the labs that live any more: stopped or forgotten. What a watch may have missed is read once. */
  private async onGone(name: string): Promise<void> {
    const story = this.stories.get(name);
    if (!story || story.ended) return;
    try {
      const live = await this.readiness.confirmed(name);
      if (live) story.see(live);
    } catch (error) {
      this.context.log.warn('end of a story was not read', { lab: name, error });
    }
    story.end();
  }

  private onLeft(name: string, reader: ProgressReader): void {
    const readers = this.readers.get(name);
    readers?.delete(reader);
    if (readers?.size !== 0) return;
    this.readers.delete(name);
    this.stories.delete(name);
  }

  /** Places in the queue are worked out for everybody at once, while anybody reads. */
  private hintLater(): void {
    this.cancelHints ??= this.context.clock.after(HINT_EVERY, () => {
      this.cancelHints = undefined;
      this.hint();
      if (this.stories.size > 0) this.hintLater();
    });
  }

  private hint(): void {
    const { concurrency } = this.context.settings.berth.queue;
    const hints = queueHints(this.view.labs.list(), concurrency, this.context.clock.now());
    for (const [name, story] of this.stories) {
      const hint = hints.get(name);
      if (hint) story.say(hint);
    }
  }
}
