import { mistakesOf, mistakesOfRefresh, nothing } from './support';

const PATH_ADVICE = "Write a plain path such as '/oauth/token': a slash first, no parameter, no pattern.";

describe('A promise among the options', () => {
  it('does not hide the mistakes in the others', () => {
    expect(mistakesOf({ findCode: Promise.resolve(nothing), path: 'token' })).toBe(
      `createTokenRouter:\n  findCode is a Promise. Await it.\n  path is 'token'. ${PATH_ADVICE}`,
    );
  });

  it('is told once, without what it lacks', () => {
    expect(mistakesOf({ refresh: Promise.resolve({}) })).toBe('createTokenRouter: refresh is a Promise. Await it.');
  });
});

describe('A name that does not exist', () => {
  it('is told where it was given as undefined, too', () => {
    expect(mistakesOf({ paths: undefined })).toBe('createTokenRouter: paths does not exist. Did you mean path?');
    expect(mistakesOfRefresh({ rotate: undefined })).toBe(
      'createTokenRouter: refresh.rotate does not exist. Did you mean rotates?',
    );
    expect(mistakesOf({ errorStatus: { invalid_grants: undefined } })).toBe(
      'createTokenRouter: errorStatus.invalid_grants does not exist. Did you mean invalid_grant?',
    );
  });

  it('is passed over in rateLimit where it is undefined, as express-rate-limit does', () => {
    expect(mistakesOf({ rateLimit: { limits: undefined } })).toBe('');
    expect(mistakesOf({ rateLimit: { limits: null } })).toBe(
      'createTokenRouter: rateLimit.limits does not exist. Did you mean limit?',
    );
  });
});

describe('The form of', () => {
  const ofGrant = (grant: object) => mistakesOf({ grants: { x: { issueTokens: nothing, ...grant } } });

  it.each(['1', '16', '999999999', '999999999b', '16kb', '16KB', '2mb'])('bodyLimit may be %s', (bodyLimit) => {
    expect(mistakesOf({ bodyLimit })).toBe('');
  });

  it.each(['', '0', '016', '1234567890', 'x16kb', '16kbit', '16 kb', '1gb', 'kb'])(
    'bodyLimit cannot be %j',
    (bodyLimit) => {
      expect(mistakesOf({ bodyLimit })).toMatch(/^createTokenRouter: bodyLimit is /);
    },
  );

  it.each(['/', '/token', '/oauth/token', '/oauth/token/', '/v1.0/a-b_c~d'])('path may be %s', (path) => {
    expect(mistakesOf({ path })).toBe('');
  });

  it.each(['', 'token', 'x/', '//', '//token', '/oauth//token', '/token?', '/:tenant', '/a b'])(
    'path cannot be %j',
    (path) => {
      expect(mistakesOf({ path })).toMatch(/^createTokenRouter: path is /);
    },
  );

  it.each(['a', 'audience', 'x.y-z_1'])('a parameter may be %s', (name) => {
    expect(mistakesOf({ parameters: [name] })).toBe('');
    expect(ofGrant({ parameters: [name] })).toBe('');
  });

  it.each(['', ' audience', 'audience ', 'aud:ience', 'aud[]'])('a parameter cannot be %j', (name) => {
    expect(mistakesOf({ parameters: [name] })).toMatch(/^createTokenRouter: parameters\[0\] is /);
    expect(ofGrant({ parameters: [name] })).toMatch(/^createTokenRouter: grants\.x\.parameters\[0\] is /);
  });

  it.each(['x', 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'https://a.example/grant?a=%20#b'])(
    'a grant_type may be %s',
    (name) => {
      expect(mistakesOf({ grants: { [name]: { issueTokens: nothing } } })).toBe('');
    },
  );

  it.each(['authorization_code', 'refresh_token', ' x', 'x ', 'ü'])('a grant_type cannot be %j', (name) => {
    expect(mistakesOf({ grants: { [name]: { issueTokens: nothing } } })).toMatch(
      / is served by the endpoint itself, or is not a valid name\. Leave it out\.$/,
    );
  });
});

describe('The bounds of', () => {
  it.each<[string, unknown]>([
    ['bodyTimeout', 1],
    ['bodyTimeout', 2_147_483_647],
    ['errorStatus', { invalid_grant: 400 }],
    ['errorStatus', { invalid_grant: 499 }],
    ['refresh', { findRefreshToken: nothing, consumeRefreshToken: nothing, leeway: 0 }],
    ['refresh', { findRefreshToken: nothing, consumeRefreshToken: nothing, leeway: 60_000 }],
  ])('%s hold %j', (name, value) => {
    expect(mistakesOf({ [name]: value })).toBe('');
  });

  it.each<[string, unknown]>([
    ['bodyTimeout', 0],
    ['bodyTimeout', 2_147_483_648],
    ['errorStatus', { invalid_grant: 399 }],
    ['errorStatus', { invalid_grant: 500 }],
    ['refresh', { findRefreshToken: nothing, consumeRefreshToken: nothing, leeway: -1 }],
    ['refresh', { findRefreshToken: nothing, consumeRefreshToken: nothing, leeway: 60_001 }],
  ])('%s do not hold %j', (name, value) => {
    expect(mistakesOf({ [name]: value })).toMatch(new RegExp(`^createTokenRouter: ${name}[.\\w]* is `));
  });
});
