import { describe, expect, it } from 'vitest';

import { aBuildInput, aLab, someSettings } from '../../../test/gen/index.js';
import { buildLabObjects, internalUrl, ownership } from './index.js';

describe('ownership', () => {
  it('reads what we write on a namespace', () => {
    const [namespace] = buildLabObjects(
      aBuildInput({ lab: aLab({ uid: 'u-1', operation: { id: 'bcdefghijk' } }) }),
    );

    expect(ownership(namespace!.object)).toEqual({
      instance: 'nublado',
      labUid: 'u-1',
      operation: 'bcdefghijk',
      category: 'lab',
      user: 'rachel',
    });
  });

  it('finds nothing on a namespace of somebody else', () => {
    const nothing = {
      instance: undefined,
      labUid: undefined,
      operation: undefined,
      category: undefined,
      user: undefined,
    };

    expect(ownership({})).toEqual(nothing);
  });
});

describe('internalUrl', () => {
  it('is the service in the namespace of the user, with the prefix of the Hub', () => {
    const { wish } = aLab();

    expect(internalUrl(wish, someSettings())).toBe('http://lab.userlabs-rachel:8888/nb/user/rachel/');
  });

  it('follows the slug', () => {
    const { wish } = aLab({ owner: { username: 'Rachel' }, servicePrefix: '/nb/user/Rachel/' });

    expect(internalUrl(wish, someSettings())).toBe(
      'http://lab.userlabs-rachel--xgii53nug5z:8888/nb/user/Rachel/',
    );
  });
});
