import { parseGood, refusalOf } from './support';

const scopes = ['openid', 'profile', 'read:notes'];

describe('The scope of an authorization request', () => {
  it.each<[unknown, string | null]>([
    ['openid profile', 'openid profile'],
    [' openid   profile openid ', 'openid profile'],
    ['', null],
    [' ', null],
    [undefined, null],
    ['openid unknown', 'openid'],
    ['unknown openid OPENID', 'openid'],
  ])('%j is read as %j where the known scopes are given', async (scope, expected) => {
    expect((await parseGood({ scope }, { scopes })).scope).toBe(expected);
  });

  it('is whatever is asked for where no scopes are given', async () => {
    expect((await parseGood({ scope: 'whatever https://api.example/read' })).scope).toBe(
      'whatever https://api.example/read',
    );
  });

  it.each([
    ['of which none is known', 'unknown', 'scope_unknown'],
    ['of which none is known, as none is', 'constructor', 'scope_unknown'],
    ['with a quote', 'openid "profile"', 'scope_malformed'],
    ['with a backslash', 'openid \\', 'scope_malformed'],
  ])('%s is refused', async (_title, scope, reason) => {
    await expect(refusalOf({ scope }, { scopes })).resolves.toEqual({
      kind: 'redirect',
      error: 'invalid_scope',
      reason,
      state: 'a state',
    });
  });

  it('with a tab is refused before it is split', async () => {
    await expect(refusalOf({ scope: 'openid\tprofile' })).resolves.toMatchObject({ reason: 'parameter_characters' });
  });
});
