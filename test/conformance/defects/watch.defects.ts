import type * as WatchModule from '../../../simulator/server/handlers/watch.js';
import type * as Encoder from '../../../simulator/server/handlers/watch-encoder.js';
import type * as HistoryModule from '../../../simulator/server/store/history.js';
import type * as Snapshots from '../../../simulator/server/store/snapshots.js';
import type * as StoreModule from '../../../simulator/server/store/store.js';
import type * as Hub from '../../../simulator/server/store/watch-hub.js';
import type * as ListOptions from '../../../simulator/server/handlers/list-options.js';
import type * as Select from '../../../simulator/server/handlers/select.js';
import type * as FieldSelector from '../../../simulator/server/store/field-selector.js';
import { defect, withError, type Defect } from './defect.js';

const HUB = 'server/store/watch-hub.ts';
const ENCODER = 'server/handlers/watch-encoder.ts';
const HISTORY = 'server/store/history.ts';
const STORE = 'server/store/store.ts';
const LIST_OPTIONS = 'server/handlers/list-options.ts';
const EACH_CHANGE = 'a watch tells each change once, in order, with its version';
const INITIAL = 'initial events end with a bookmark that says so';

/** Lies about versions, lists and watches. */
export const watchDefects: readonly Defect[] = [
  defect<typeof Hub>('a change is not told', HUB, ['watch', EACH_CHANGE], ({ WatchHub }) => ({
    WatchHub: class extends WatchHub {
      override publish(...[storage, change]: Parameters<Hub.WatchHub['publish']>): void {
        if (change.type !== 'MODIFIED') super.publish(storage, change);
      }
    },
  })),
  defect<typeof Hub>('a change is told twice', HUB, ['watch', EACH_CHANGE], ({ WatchHub }) => ({
    WatchHub: class extends WatchHub {
      override publish(...[storage, change]: Parameters<Hub.WatchHub['publish']>): void {
        super.publish(storage, change);
        super.publish(storage, change);
      }
    },
  })),
  defect<typeof Encoder>(
    'a bookmark is lost',
    ENCODER,
    ['watch', INITIAL, 'silence'],
    ({ WatchEncoder }) => ({
      WatchEncoder: class extends WatchEncoder {
        override bookmark(): Buffer {
          return Buffer.alloc(0);
        }
      },
    }),
  ),
  defect<typeof Encoder>('a bookmark is from the past', ENCODER, ['watch', INITIAL], ({ WatchEncoder }) => ({
    WatchEncoder: class extends WatchEncoder {
      override bookmark(_revision: number, annotations?: Record<string, string>): Buffer {
        return super.bookmark(1, annotations);
      }
    },
  })),
  defect<typeof Encoder>(
    'initial events end without a mark',
    ENCODER,
    ['watch', INITIAL],
    ({ WatchEncoder }) => ({
      WatchEncoder: class extends WatchEncoder {
        override bookmark(revision: number): Buffer {
          return super.bookmark(revision);
        }
      },
    }),
  ),
  defect<typeof WatchModule>(
    'events have bookmarks',
    'server/handlers/watch.ts',
    ['watch', 'a watch of events has no bookmarks'],
    ({ Watch }) => {
      Object.defineProperty(Watch.prototype, 'wantsBookmarks', { get: () => true });
      return { Watch };
    },
  ),
  defect<typeof Encoder>(
    'what is gone is told with a version of its life',
    ENCODER,
    ['watch', 'the last version of what is deleted is newer than its life'],
    ({ WatchEncoder }) => ({
      WatchEncoder: class extends WatchEncoder {
        override changeLine(...[type, change]: Parameters<Encoder.WatchEncoder['changeLine']>): Buffer {
          return type === 'DELETED' && change.previous
            ? this.line(type, change.previous)
            : super.changeLine(type, change);
        }
      },
    }),
  ),
  defect<typeof Encoder>(
    'what stops matching is told as it is now',
    ENCODER,
    ['watch', 'behind a label selector an object that stops matching is DELETED, one that begins ADDED'],
    ({ WatchEncoder }) => ({
      WatchEncoder: class extends WatchEncoder {
        override changeLine(...[type, change]: Parameters<Encoder.WatchEncoder['changeLine']>): Buffer {
          return this.line(type, change.entry);
        }
      },
    }),
  ),
  defect<typeof HistoryModule>(
    'a watch misses the first change since its version',
    HISTORY,
    ['watch', 'a watch from an earlier version repeats what happened since'],
    ({ History }) => ({
      History: class extends History {
        override since(revision: number): ReturnType<HistoryModule.History['since']> {
          return super.since(revision).slice(1);
        }
      },
    }),
  ),
  defect<typeof HistoryModule>(
    'a forgotten version is taken for a known one',
    HISTORY,
    ['watch', 'a version from before all that is remembered is 410 in the stream', 'silence'],
    ({ History }) => ({
      History: class extends History {
        override get oldestRevision(): number {
          return 0;
        }
      },
    }),
  ),
  defect<typeof StoreModule>(
    'a version is used again',
    STORE,
    ['update', 'a replace with the version read is taken, with an older one 409 Conflict'],
    ({ Store }) => ({
      Store: class extends Store {
        override put(...args: Parameters<StoreModule.Store['put']>): ReturnType<StoreModule.Store['put']> {
          const entry = super.put(...args);
          Reflect.set(this, 'revision', entry.revision - 1);
          return entry;
        }
      },
    }),
  ),
  defect<typeof StoreModule>(
    'too large a write is 413 instead of 500',
    STORE,
    ['sizes', 'what etcd can not hold is 500 and says that the request is too large'],
    ({ Store }) => ({
      Store: class extends Store {
        override put(...args: Parameters<StoreModule.Store['put']>): ReturnType<StoreModule.Store['put']> {
          return withError(() => super.put(...args), { code: 413, reason: 'RequestEntityTooLarge' });
        }
      },
    }),
  ),
  defect<typeof ListOptions>(
    'each chunk begins at the start again',
    LIST_OPTIONS,
    ['list', 'a chunked list goes on as it began, whatever changes meanwhile'],
    ({ continueToken }) => ({
      continueToken: (told: ListOptions.Continuation) => continueToken({ ...told, after: '' }),
    }),
  ),
  defect<typeof Snapshots>(
    'a chunk shows nothing of what changed meanwhile',
    'server/store/snapshots.ts',
    ['list', 'a chunked list goes on as it began, whatever changes meanwhile'],
    () => ({
      Snapshots: class {
        keep = (): void => undefined;
        clear = (): void => undefined;
        find = (): readonly never[] => [];
      },
    }),
  ),
  defect<typeof ListOptions>(
    'an expired token is 400 instead of 410',
    LIST_OPTIONS,
    ['list', 'a token from before all that is remembered is 410, with another to go on with'],
    ({ continueExpired }) => ({
      continueExpired: (told: ListOptions.Continuation) =>
        Object.assign(continueExpired(told), { code: 400, reason: 'BadRequest' }),
    }),
  ),
  defect<typeof ListOptions>(
    'a version that is not reached yet is answered',
    LIST_OPTIONS,
    ['list', 'a version that is not reached yet is 504'],
    () => ({ checkVersionOptions: () => undefined }),
  ),
  defect<typeof Select>(
    'selectors choose everything',
    'server/handlers/select.ts',
    ['list', 'label selectors choose'],
    () => ({ selectorOf: () => undefined }),
  ),
  defect<typeof FieldSelector>(
    'a field that nobody knows can be selected',
    'server/store/field-selector.ts',
    ['list', 'a field that can not be selected is 400'],
    () => ({ parseFieldSelector: () => undefined }),
  ),
];
