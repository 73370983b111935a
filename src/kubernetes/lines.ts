import type { Turns } from '../common/turns.js';

/** No object that etcd takes is longer; a line beyond this is not a watch event. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Splits chunks of bytes at newlines. Works on bytes, so that neither a character cut in two by a chunk's border nor
 * U+2028, which JavaScript's own line readers take for a line's end, can break an event. An unfinished last line is dropped.
 * A backlog of lines leaves others their turns.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>, turns: Turns): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end);
      await turns.pass('cluster');
      yield rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
      rest = [];
      size = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    rest.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_LINE_BYTES) throw new Error(`a watch event is longer than ${MAX_LINE_BYTES} bytes`);
  }
}
