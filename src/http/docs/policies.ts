import { createHash } from 'node:crypto';
import { READING_STYLE } from './reading-style.js';

const NOBODY = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** No script at all, and only the one style sheet that the page carries. */
export const READING_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(READING_STYLE).digest('base64')}'`,
  NOBODY,
].join('; ');

/** Swagger UI: its own files from here; it sets style attributes and has its icons inline. */
export const TRYING_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  NOBODY,
].join('; ');
