import { describe, expect, it } from 'vitest';
import { withoutSecrets } from './without-secrets.js';

describe('withoutSecrets', () => {
  it.each([
    'https://me:hunter2@host/',
    'Bearer hunter2',
    'sent Basic aHVudGVyMg==',
    'gt-hunter2.abc',
    'GET /hub/api/user Authorization: token hunter2',
    'curl -H "Authorization: Basic dXNlcjpodW50ZXIy"',
    `{'Authorization': 'token hunter2'}`,
    'API_KEY: hunter2',
    'AWS_SECRET_ACCESS_KEY=hunter2',
    'GET https://maps.example.com/geocode?key=hunter2',
    `{'username': 'u', 'key': 'hunter2'}`,
    String.raw`{"log":"{\"key\":\"hunter2\"}"}`,
    'KEY=hunter2 api.key=hunter2',
    'X-Error-Token: hunter2',
    'MYSQL_PWD=hunter2 DB_PASS=hunter2 passphrase=hunter2',
    '{"password": "the hunter2"}',
    String.raw`{"log":"{\"password\":\"the hunter2\"}"}`,
    String.raw`{"msg":"{\"token\":\"hunter2`,
    'password="the hunter2',
    'usage: lab --token hunter2 --user-password hunter2',
    'Get "https://x.blob.example.net/l?se=1&sig=hunter2": dial tcp: i/o timeout',
    'Get "https://b.example.com/l?X-Amz-Signature=hunter2": i/o timeout',
    '401 for eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2',
  ])('hides what looks like a credential: %s', (words) => {
    expect(withoutSecrets(words)).not.toMatch(/hunter2|aHVudGVyMg|dXNlcjpodW50ZXIy|eyJzdWIi/);
    expect(withoutSecrets(words)).toContain('…');
  });

  it.each([
    `KeyError: 'HOME'`,
    'oauthlib.oauth2.InvalidTokenError: the clock is wrong',
    'references non-existent secret key: notebook.json',
    `couldn't find key butler in Secret userlabs-rachel/rachel-nb`,
    'no basic auth credentials',
    'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    'the basic Python3 kernel is missing',
    'SignatureValidationFailed: the policy demands a signature',
    'PWD is /home/rachel',
  ])('leaves what only speaks of them: %s', (words) => {
    expect(withoutSecrets(words)).toBe(words);
  });

  it('leaves the words around it', () => {
    expect(withoutSecrets('sent Authorization: token abc to host?a=1&sig=x&b=2')).toBe(
      'sent Authorization: … to host?a=1&sig=…&b=2',
    );
  });

  // What took the square of their length would take hours for these.
  it.each(['a-', '-', 'TOKEN', 'eyJaaaaaaaa-', 'a=', '\\"', '://', '&sig', 'Basic '])(
    'reads %s many times over',
    (piece) => {
      expect(withoutSecrets(piece.repeat(300_000)).length).toBeGreaterThan(0);
    },
  );
});
