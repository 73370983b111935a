import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';

import { seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { ActorContext } from './actor.context.js';
import type { Lab, LedgerEntry } from './lab.js';
import { neverRecorded, unrecorded } from './lab.spawn.words.js';
import { reached } from './lab.ledger.js';
import { labName } from './lab.names.js';
import { phaseOf } from './lab.phase.js';
import { isWriting, queueHints } from './lab.queue.js';
import { LabView } from './lab.view.js';
import type { ProgressStream, StatusAsker } from './lab.views.js';
import { TooManyStreams, UnknownUser } from './labs.errors.js';
import { LabsReadiness } from './labs.readiness.js';
import { OperationStory } from './operation-story.js';
import { ProgressReader, placeAfter } from './progress-reader.js';

const HINT_EVERY = seconds(2);
/** In one turn of the event loop: each may be a write on a socket, and a thousand of them would hold up everybody else. */
const HINTS_A_TURN = 16;
/** More than a change of leader and the longest pause between tries of a write that fails. */
const OVERDUE = seconds(120);

/** Streams of what is told of operations: one story for each lab that is read, fed by the informer alone. */
@Injectable()
export class LabsProgress implements OnApplicationShutdown {
  private readonly stories = new Map<string, OperationStory>();
  private readonly readers = new Map<string, Set<ProgressReader>>();
  private readonly end: () => void;
  private readonly since = new WeakMap<OperationStory, Millis>();
  private readonly asking = new WeakSet<OperationStory>();
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
  async open(
    username: string,
    after: string | undefined,
    { uid }: Pick<StatusAsker, 'uid'> = {},
  ): Promise<ProgressStream> {
    const name = labName(username);
    const { lab, cached } = await this.seen(name);
    const isTheirs = uid === undefined || uid === lab?.wish.owner.uid;
    if (!lab || !isTheirs || phaseOf(lab) === 'stopped') throw new UnknownUser(username);
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

  /** What happened while the live answer was on its way was told before a reader listens: only the cache knows it. */
  private async seen(name: string): Promise<{ readonly lab: Lab | undefined; readonly cached: boolean }> {
    await this.readiness.hold(name);
    const live = await this.readiness.confirmed(name);
    const cached = this.view.labs.find(name);
    return { lab: live && (cached ?? live), cached: cached !== undefined };
  }

  private storyFor(lab: Lab): OperationStory {
    const known = this.stories.get(lab.name);
    known?.see(lab);
    if (known?.operation.id === lab.wish.operation.id) return known;
    const fresh = new OperationStory(lab);
    this.since.set(fresh, this.context.clock.monotonic());
    this.stories.set(lab.name, fresh);
    return fresh;
  }

  /** Readers stay with the operation they opened; it ends when the next begins. */
  private onSeen(lab: Lab): void {
    if (this.readers.has(lab.name)) this.storyFor(lab);
  }

  /**
   * Not among the labs that live any more: stopped or forgotten. What a watch may have missed is read once; where that finds
   * the operation under way, only the cache has lost it, and hears of it again when something happens.
   */
  private async onGone(name: string): Promise<void> {
    const story = this.stories.get(name);
    if (!story || story.ended) return;
    try {
      const live = await this.readiness.confirmed(name);
      if (!live) story.end();
      else story.see(live);
    } catch (error) {
      this.context.log.warn('end of a story was not read', { lab: name, error });
      story.end();
    }
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
      void this.hint().then(() => {
        this.cancelHints = undefined;
        if (this.stories.size > 0) this.hintLater();
      });
    });
  }

  private async hint(): Promise<void> {
    const { concurrency } = this.context.settings.berth.queue;
    const now = this.context.clock.now();
    const hints = queueHints(this.view.labs.list(), concurrency, now);
    let looked = 0;
    for (const [name, story] of Array.from(this.stories)) {
      const hint = this.unrecorded(name, story) ?? (this.isWaiting(name) ? hints.get(name) : undefined);
      if (hint) story.say(hint);
      if (this.isOverdue(story)) void this.onOverdue(name, story);
      looked += 1;
      if (looked % HINTS_A_TURN === 0) await setImmediate();
    }
  }

  private isWaiting(name: string): boolean {
    const lab = this.view.labs.find(name);
    return lab !== undefined && isWriting(lab);
  }

  /** Known to the leader alone: the cluster refuses to store what is to be told. */
  private unrecorded(name: string, { operation, entries }: OperationStory): LedgerEntry | undefined {
    const words = this.view.memory.whyUnrecorded(name, operation.id);
    if (words === undefined) return undefined;
    return { ...unrecorded(words, this.context.clock.now()), progress: reached(entries) };
  }

  /** Any leader would long have recorded the end of this spawn. By our own clock alone: whoever accepted it has another. */
  private isOverdue(story: OperationStory): boolean {
    if (story.ended || story.operation.kind === 'stop') return false;
    const now = this.context.clock.monotonic();
    return now - (this.since.get(story) ?? now) > this.view.world.terms.spawnTimeout + OVERDUE;
  }

  /** A stream always ends. What a watch may have missed is read first; while nobody answers, nothing is said. */
  private async onOverdue(name: string, story: OperationStory): Promise<void> {
    if (this.asking.has(story)) return;
    this.asking.add(story);
    try {
      const live = await this.readiness.confirmed(name);
      if (live) story.see(live);
      story.endWith(neverRecorded(this.context.clock.now()));
    } catch (error) {
      this.asking.delete(story);
      this.context.log.warn('end of a story was not read', { lab: name, error });
    }
  }
}
