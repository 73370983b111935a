import { millis, seconds } from '../common/units.js';

/** Bytes of a body that are read and dropped, so that a client that writes before it reads sees the 413. */
export const DRAIN_LIMIT = 32 * 1024 * 1024;
/** Bytes of all headers together: twice Node's default, as an ingress adds its own. */
export const HEADER_LIMIT = 32 * 1024;
/** Characters of one path element. The longest a user can have is far shorter. */
export const PARAM_LIMIT = 512;

/** Idle connections outlive the ingress's 60 s, or a reused one could be closed under a request (contract 1.3). */
export const KEEP_ALIVE = seconds(75);
/** Above `KEEP_ALIVE`: Node counts the wait for the next request's headers from the end of the last answer. */
export const HEADERS_TIMEOUT = seconds(80);
/** For a whole request to arrive; must not be less than `HEADERS_TIMEOUT`. */
export const REQUEST_TIMEOUT = seconds(120);

/** A reader whose buffer stays full this long is gone. */
export const STREAM_STALLED = seconds(60);
/** After the last answer, how long a closing process waits for a caller's next step (`create`, then `events`). */
export const QUIET_BEFORE_CLOSE = millis(500);
