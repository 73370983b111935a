import type { Ask } from '../support/contract-platform.js';

export const P = '/nublado';
export const LABS = `${P}/spawner/v1/labs`;
export const FORM = `${P}/spawner/v1/lab-form`;
export const JSON_TYPE = /^application\/json/;

/** A request and all that the contract says of its answer. */
export interface Case extends Ask {
  readonly status: number;
  /** The one element of `detail`, exactly. */
  readonly detail?: object;
  /** All elements of `detail`, of each the fields given. */
  readonly details?: readonly object[];
  /** The whole body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers?: Readonly<Record<string, string | RegExp>>;
  readonly says?: readonly string[];
  readonly hides?: readonly string[];
}

export const unknownUser = (user: string, inPath = true): object => ({
  msg: `Unknown user ${user}`,
  type: 'unknown_user',
  ...(inPath ? { loc: ['path', 'username'] } : {}),
});
const missing = (...loc: string[]): object => ({ type: 'missing', loc, msg: 'Field required' });
const notSupported = { msg: 'Fileserver is disabled in configuration', type: 'not_supported' };
export const denied = (msg = 'Permission denied'): object => ({ msg, type: 'permission_denied' });
const [NO_USER, NO_TOKEN] = ['x-auth-request-user', 'x-auth-request-token'].map((name) =>
  missing('header', name),
);

/** Routes, methods and headers, before any lab exists. */
export const ROUTES: Readonly<Record<string, Case>> = {
  '2.1 an unknown path is 404': { path: `${P}/nothing`, status: 404, body: { detail: 'Not Found' } },
  '2.1 a wrong method is 405': {
    method: 'PUT',
    path: LABS,
    status: 405,
    body: { detail: 'Method Not Allowed' },
    answers: { allow: /GET/ },
  },
  '2.1 a stray slash is a 307 to the registered path': {
    path: `${LABS}/`,
    status: 307,
    answers: { location: /labs$/ },
  },
  '2.1 the redirect has the scheme that the proxy names': {
    path: `${LABS}/`,
    headers: { host: 'data.example.org', 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' },
    status: 307,
    answers: { location: `https://data.example.org${LABS}` },
  },
  'C HEAD of the index is 405': { method: 'HEAD', path: '/', status: 405 },
  'C OPTIONS of the index is 405': { method: 'OPTIONS', path: '/', status: 405 },
  '2.2 a full check names both headers that are missing': {
    path: `${FORM}/vera`,
    status: 422,
    details: [NO_USER!, NO_TOKEN!],
  },
  '2.2 a full check names the token that is missing': {
    path: `${FORM}/vera`,
    headers: { 'x-auth-request-user': 'vera' },
    status: 422,
    details: [NO_TOKEN!],
  },
  '2.2 a token that Gafaelfawr refuses is 401': {
    path: `${FORM}/vera`,
    as: 'vera',
    headers: { 'x-auth-request-token': 'stolen' },
    status: 401,
    detail: { msg: 'User token is invalid', type: 'invalid_token' },
  },
  '2.2 a token of somebody else is 403': {
    path: `${FORM}/vera`,
    as: 'vera',
    headers: { 'x-auth-request-token': 'rachel-token' },
    status: 403,
    detail: denied(),
  },
  '2.2 the path check needs the user header alone': {
    path: `${LABS}/vera/events`,
    headers: { 'x-auth-request-user': 'vera' },
    status: 404,
    detail: unknownUser('vera'),
  },
  '2.2 the path check wants its own user': {
    path: `${LABS}/vera/events`,
    as: 'rachel',
    status: 403,
    detail: denied(),
  },
  '2.3 events without a header are 422': { path: `${LABS}/vera/events`, status: 422, details: [NO_USER!] },
  '2.3 user-status without a header is 422': {
    path: `${P}/spawner/v1/user-status`,
    status: 422,
    details: [NO_USER!],
  },
  '2.3 the file server’s user-status without a header is 422': {
    path: `${P}/fileserver/v1/user-status`,
    status: 422,
    details: [NO_USER!],
  },
  '2.3 the form of somebody else is 403': {
    path: `${FORM}/rachel`,
    as: 'vera',
    status: 403,
    detail: denied(),
  },
  '2.3 hub and admin routes need no header': {
    path: LABS,
    status: 200,
    body: [],
    answers: { 'content-type': JSON_TYPE },
  },
  '2.3 images are for the ingress to guard': { path: `${P}/spawner/v1/images`, status: 200 },
  '2.3 prepulls too': { path: `${P}/spawner/v1/prepulls`, status: 200 },
  '2.3 the API document is for everybody': {
    path: `${P}/openapi.json`,
    status: 200,
    says: ['"openapi":"3.'],
  },
  '2.3 so is the page to try it': {
    path: `${P}/docs`,
    status: 200,
    answers: { 'content-type': /^text\/html/ },
  },
  '2.3 and the one to read it': {
    path: `${P}/redoc`,
    status: 200,
    answers: { 'content-type': /^text\/html/ },
  },
  '2.5 the index inside the cluster is flat': {
    path: '/',
    status: 200,
    says: ['{"name":"Nublado","version":"'],
  },
  '2.5 the index behind the prefix is wrapped': {
    path: P,
    status: 200,
    says: ['{"metadata":{"name":"Nublado",'],
  },
  '2.10 images without a value are left out': {
    path: `${P}/spawner/v1/images`,
    status: 200,
    says: ['"recommended":{', '"latest_weekly":{', '"aliases":["'],
    hides: ['null'],
  },
  '2.10 prepulls are in snake case, and what has no value is null': {
    path: `${P}/spawner/v1/prepulls`,
    status: 200,
    says: ['"refresh_interval":300', '"recommended_tag":"recommended"', '"cycle":null', '"nodes":['],
    hides: ['credentials'],
  },
  '2.6 an unknown lab says where': { path: `${LABS}/vera`, status: 404, detail: unknownUser('vera') },
  '2.6 one’s own unknown lab is nowhere in the request': {
    path: `${P}/spawner/v1/user-status`,
    as: 'vera',
    status: 404,
    detail: unknownUser('vera', false),
  },
  '2.6 an unknown lab can’t be deleted': {
    method: 'DELETE',
    path: `${LABS}/vera`,
    status: 404,
    detail: unknownUser('vera'),
  },
  '2.8 the form is a fragment of HTML': {
    path: `${FORM}/vera`,
    as: 'vera',
    status: 200,
    answers: { 'content-type': 'text/html; charset=utf-8' },
    says: ['<script>', 'name="image_list"', 'value="large"', 'Large (4.0 CPU, 12Gi RAM)'],
  },
  '2.8 the form leaves out what exceeds the quota': {
    path: `${FORM}/exact`,
    as: 'exact',
    status: 200,
    says: ['value="small"'],
    hides: ['value="large"'],
  },
  '2.8 a quota that forbids is a page, and no failure': {
    path: `${FORM}/grounded`,
    as: 'grounded',
    status: 200,
    answers: { 'content-type': 'text/html; charset=utf-8' },
    says: ['Notebooks unavailable'],
    hides: ['<input'],
  },
  '2.8 so is one that leaves no size': {
    path: `${FORM}/low-cpu`,
    as: 'low-cpu',
    status: 200,
    says: ['Notebooks unavailable'],
    hides: ['<input'],
  },
  '2.8 the page of files is not supported where files are disabled': {
    path: '/files',
    as: 'vera',
    status: 404,
    detail: notSupported,
  },
  '2.11 the list of file servers neither': {
    path: `${P}/fileserver/v1/users`,
    status: 404,
    detail: notSupported,
  },
  '2.11 nor one': { path: `${P}/fileserver/v1/users/vera`, status: 404, detail: notSupported },
  '2.11 nor one’s own': {
    path: `${P}/fileserver/v1/user-status`,
    as: 'vera',
    status: 404,
    detail: notSupported,
  },
  '2.11 nor its removal, which is no failure': {
    method: 'DELETE',
    path: `${P}/fileserver/v1/users/vera`,
    status: 404,
    detail: notSupported,
  },
  '2.11 the administrators’ pod that is not there': {
    path: `${P}/fsadmin/v1/service`,
    status: 404,
    detail: { msg: 'berth/fsadmin', type: 'not_found' },
  },
  '2.11 its removal is no failure': {
    method: 'DELETE',
    path: `${P}/fsadmin/v1/service`,
    status: 204,
    body: '',
  },
  ...Object.fromEntries(
    [undefined, {}, { start: false }, { start: 'true' }, { begin: true }].map((json) => [
      `2.11 it does not start by ${json ? JSON.stringify(json) : 'nothing'}`,
      { method: 'POST', path: `${P}/fsadmin/v1/service`, ...(json && { json }), status: 422 } satisfies Case,
    ]),
  ),
};
