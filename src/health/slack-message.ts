import type { Instant } from '../common/units.js';

/** What somebody who is paged gets to see. */
export interface Alert {
  /** Constant for one kind of trouble, so that alerts group. */
  readonly summary: string;
  readonly at: Instant;
  readonly facts: Readonly<Record<string, string>>;
  /** How many of the same kind were kept back since the last one. */
  readonly kept: number;
}

const LONGEST_FIELD = 2000;
const LONGEST_BLOCK = 3000;
const MOST_FIELDS = 10;

interface Text {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
}

/** The Block Kit message of an alert (contract 11.5). */
export function slackMessage(name: string, { summary, at, facts, kept }: Alert): object {
  const { user, error, ...others } = facts;
  const fields = [
    ...(user === undefined ? [] : [['User', user] as const]),
    ['Failed at', new Date(at).toISOString().replace('T', ' ').replace('Z', '')] as const,
    ...(kept === 0 ? [] : [['Kept back', `${String(kept)} more like it`] as const]),
    ...Object.entries(others),
  ].slice(0, MOST_FIELDS);
  const heading = kept === 0 ? '' : ' (again)';
  return {
    blocks: [
      { type: 'section', text: mrkdwn(`Error in ${name}: ${summary}${heading}`, LONGEST_BLOCK) },
      { type: 'section', fields: fields.map(([key, value]) => mrkdwn(`*${key}*\n${value}`, LONGEST_FIELD)) },
      ...(error === undefined ? [] : [{ type: 'section', text: code(error) }]),
      { type: 'divider' },
    ],
  };
}

const mrkdwn = (text: string, longest: number): Text => ({
  type: 'mrkdwn',
  text: fitting(text, longest),
  verbatim: true,
});

const FENCE = '*Error*\n```\n';
const code = (text: string): Text => ({
  type: 'mrkdwn',
  text: `${FENCE}${fitting(text, LONGEST_BLOCK - FENCE.length - 4)}\n\`\`\``,
  verbatim: true,
});

/** Escaped as Slack wants it, and not cut within an escape. */
function fitting(text: string, longest: number): string {
  let fit = '';
  for (const character of text) {
    const escaped = ESCAPES[character] ?? character;
    if (fit.length + escaped.length > longest - 1) return `${fit}…`;
    fit += escaped;
  }
  return fit;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
