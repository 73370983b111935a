import { escaped } from '../http/index.js';
import { FileServerCreateFailed } from './fileservers.errors.js';

const GUIDE = 'https://rsp.lsst.io/guides/webdav/index.html';

/** What somebody who asked for their files reads (contract 2.8). */
export function readyPage(url: string): string {
  const link = escaped(url);
  return page('Your file server is ready', [
    `<p>Connect a WebDAV client to <a href="${link}">${link}</a>.</p>`,
    '<p>The user name is your own; the password is a security token with scope <code>write:files</code>.</p>',
    `<p>How to do that with your system is told in the <a href="${GUIDE}">WebDAV guide</a>.</p>`,
  ]);
}

/** The same for somebody who can't have them now: why, what helps, and who can do it. */
export function failurePage(error: Error): string {
  if (!(error instanceof FileServerCreateFailed)) {
    return page('Your file server is not available', [`<p>${escaped(error.message)}</p>`]);
  }
  const { reason, cause, remedy, who } = error.failure;
  return page('Your file server could not be started', [
    `<p>${escaped(cause)}</p>`,
    ...(remedy === null ? [] : [`<p><strong>What helps:</strong> ${escaped(remedy)}</p>`]),
    ...(who === 'operator' ? ['<p>Whoever runs this platform can mend it; tell them the reason.</p>'] : []),
    `<p>Reason: <code>${escaped(reason)}</code></p>`,
  ]);
}

const page = (title: string, content: readonly string[]): string =>
  [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title></head><body>`,
    `<h1>${title}</h1>`,
    ...content,
    '</body></html>',
    '',
  ].join('\n');
