import { fullText, metaOf, partialText, tableText } from '../http/encode.js';
import type { Shape } from '../http/negotiate.js';
import type { Fields } from '../objects.js';
import type { Resource } from '../resources/resource.js';
import { apiVersionOf } from '../resources/resource.js';
import type { Change, ChangeType, Entry } from '../store/entry.js';
import { parse, serialise } from '../store/entry.js';

/** Writes the lines of one watch. Lines that many watches share are made once and kept with the change. */
export class WatchEncoder {
  private columnsTold = false;

  constructor(
    private readonly resource: Resource,
    private readonly shape: Shape,
    private readonly includeObject: string,
    private readonly nowMs: () => number,
  ) {}

  line(type: ChangeType, entry: Entry): Buffer {
    return Buffer.from(`{"type":"${type}","object":${this.text(entry)}}\n`);
  }

  changeLine(type: ChangeType, change: Change): Buffer {
    const entry = (): Entry => (type === 'DELETED' ? lastSeen(change) : change.entry);
    if (this.shape === 'table') return this.line(type, entry());
    const { group, version } = this.resource;
    const key = `${type}|${this.shape}|${group}/${version}`;
    let line = change.lines.get(key);
    if (!line) {
      line = this.line(type, entry());
      change.lines.set(key, line);
    }
    return line;
  }

  bookmark(revision: number, annotations?: Record<string, string>): Buffer {
    const metadata: Fields = { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) };
    return Buffer.from(`{"type":"BOOKMARK","object":${JSON.stringify(this.bookmarkObject(metadata))}}\n`);
  }

  private bookmarkObject(metadata: Fields): Fields {
    if (this.shape === 'table') {
      const object = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
      const rows = [{ cells: this.resource.columns.map(() => null), object }];
      return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: [], rows };
    }
    if (this.shape === 'partial')
      return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
    return { kind: this.resource.kind, apiVersion: apiVersionOf(this.resource), metadata };
  }

  private text(entry: Entry): string {
    if (this.shape === 'partial') return partialText(entry);
    if (this.shape === 'full') return fullText(this.resource, entry);
    const withColumns = !this.columnsTold;
    this.columnsTold = true;
    const options = { includeObject: this.includeObject, nowMs: this.nowMs(), withColumns };
    return tableText(this.resource, [entry], metaOf(entry.revision), options);
  }
}

/** What goes, or stops matching, is told as it was before, with the version of the change. */
function lastSeen({ entry, previous, revision }: Change): Entry {
  if (!previous) return entry;
  const object = parse(previous);
  object.metadata.resourceVersion = String(revision);
  return { ...previous, revision, json: serialise(object) };
}
