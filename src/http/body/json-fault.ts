const SPACE = /[ \t\n\r]*/y;
const TEXT = String.raw`"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"`;
const NUMBER = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;
const TOKEN = new RegExp(`${TEXT}|${NUMBER}|true|false|null|[[\\]{},:]`, 'y');

type State = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'after';
type Bracket = '[' | '{';
const PAIRS = { '[': ']', '{': '}' } as const;

/**
 * Where a text stops being JSON, as an offset in characters; `undefined` if it is JSON.
 * The engine's own message has no offset on every version, and quotes the text, which may hold secrets.
 */
export function jsonFault(text: string): number | undefined {
  const open: Bracket[] = [];
  let state: State = 'value';
  let at = skipSpace(text, 0);
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    const next: State | undefined = token === undefined ? undefined : step(state, token, open);
    if (token === undefined || next === undefined) return at;
    state = next;
    at = skipSpace(text, at + token.length);
  }
  return state === 'after' && open.length === 0 ? undefined : text.length;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  return at + (SPACE.exec(text)?.[0].length ?? 0);
}

/** What may follow: for each state the tokens it knows, and where they lead. `?` stands for any scalar;
 * what follows a value depends on the bracket around it. */
const MOVES: Readonly<Record<State, Readonly<Record<string, State | 'open' | 'close'>>>> = {
  value: { '[': 'open', '{': 'open', '"': 'after', '?': 'after' },
  'value or ]': { '[': 'open', '{': 'open', '"': 'after', '?': 'after', ']': 'close' },
  key: { '"': 'colon' },
  'key or }': { '"': 'colon', '}': 'close' },
  colon: { ':': 'value' },
  after: {},
};

function step(state: State, token: string, open: Bracket[]): State | undefined {
  const first = token.charAt(0);
  const move = MOVES[state]['[]{},:"'.includes(first) ? first : '?'];
  if (state === 'after') return afterValue(first, open);
  if (move === 'open') {
    open.push(first as Bracket);
    return first === '[' ? 'value or ]' : 'key or }';
  }
  if (move !== 'close') return move;
  open.pop();
  return 'after';
}

function afterValue(token: string, open: Bracket[]): State | undefined {
  const around = open.at(-1);
  if (around === undefined) return undefined;
  if (token === ',') return around === '[' ? 'value' : 'key';
  if (token !== PAIRS[around]) return undefined;
  open.pop();
  return 'after';
}
