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
