import { describe, expect, it } from 'vitest';
import { isRealmAllowed, lookupNames, registryOrigin } from './registry.hosts.js';

const settings = {
  insecureRegistries: ['lab.local:5000'],
  realmAllowList: ['tokens.org', 'auth.local:5001'],
};

describe('registryOrigin', () => {
  it.each([
    ['ghcr.io', 'https://ghcr.io'],
    ['r.io:5000', 'https://r.io:5000'],
    ['docker.io', 'https://registry-1.docker.io'],
    ['lab.local:5000', 'http://lab.local:5000'],
    ['lab.local', 'https://lab.local'],
    ['localhost:5000', 'http://localhost:5000'],
    ['localhost.evil.org', 'https://localhost.evil.org'],
    ['127.0.0.1:5000', 'http://127.0.0.1:5000'],
    ['127.0.0.1.evil.org', 'https://127.0.0.1.evil.org'],
    ['[::1]:5000', 'http://[::1]:5000'],
  ])('speaks to %s at %s', (registry, origin) => {
    expect(registryOrigin(registry, settings)).toBe(origin);
  });
});

describe('isRealmAllowed', () => {
  it.each([
    ['https://ghcr.io/token', 'ghcr.io', true],
    ['https://GHCR.io/token', 'ghcr.io', true],
    ['https://gitlab.com/jwt/auth', 'registry.gitlab.com', true],
    ['https://auth.docker.io/token', 'docker.io', true],
    ['https://auth.docker.io/token', 'ghcr.io', false],
    ['https://tokens.org/t', 'ghcr.io', true],
    ['https://tokens.org:444/t', 'ghcr.io', false],
    ['https://auth.local:5001/t', 'ghcr.io', true],
    ['https://evil.org/token', 'ghcr.io', false],
    ['https://evil.ghcr.io/token', 'ghcr.io', false],
    ['https://ghcr.io.evil.org/token', 'ghcr.io', false],
    ['https://ghcr.io:8443/token', 'ghcr.io', false],
    ['https://io/token', 'ghcr.io', false],
    ['http://ghcr.io/token', 'ghcr.io', false],
    ['ftp://ghcr.io/token', 'ghcr.io', false],
    ['https://user:pw@ghcr.io/token', 'ghcr.io', false],
    ['http://localhost:5000/token', 'localhost:5000', true],
    ['http://localhost:5001/token', 'localhost:5000', false],
    ['http://auth.local:5001/t', 'lab.local:5000', true],
  ])('%s for %s: %s', (realm, registry, allowed) => {
    expect(isRealmAllowed(new URL(realm), registry, settings)).toBe(allowed);
  });
});

describe('lookupNames', () => {
  it.each([
    ['a.b.example.org', ['a.b.example.org', 'b.example.org', 'example.org']],
    ['a.example.org:5000', ['a.example.org:5000', 'example.org:5000']],
    ['localhost:5000', ['localhost:5000']],
    ['10.1.2.3:5000', ['10.1.2.3:5000']],
    ['[::1]:5000', ['[::1]:5000']],
  ])('looks for %s under %j', (host, names) => {
    expect(lookupNames(host)).toEqual(names);
  });
});
