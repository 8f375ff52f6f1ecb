import { createHash } from 'node:crypto';
import {
  createCode,
  createCodeRecord,
  createPkcePair,
  createRefreshToken,
  createRefreshTokenRecord,
  HOSTILE_STRINGS,
} from '../../lib/testing';
import { createPattern } from '../../lib/testing/fixtures';

const RANDOM = /^[\w-]{43}$/;

afterEach(() => jest.restoreAllMocks());

describe('createPkcePair', () => {
  it('makes a verifier of 256 random bits, and its S256 challenge', () => {
    const { codeVerifier, codeChallenge, codeChallengeMethod } = createPkcePair();
    expect(codeVerifier).toMatch(RANDOM);
    expect(codeChallenge).toBe(createHash('sha256').update(codeVerifier).digest('base64url'));
    expect(codeChallengeMethod).toBe('S256');
    expect(createPkcePair().codeVerifier).not.toBe(codeVerifier);
  });
});

describe.each([
  ['createCode', createCode],
  ['createRefreshToken', createRefreshToken],
])('%s', (_name, create) => {
  it('makes 256 random bits', () => {
    expect(create()).toMatch(RANDOM);
    expect(create()).not.toBe(create());
  });
});

describe('createPattern', () => {
  it('makes a text as long as a code, which is a pattern of SQL', () => {
    expect(createPattern()).toMatch(/^_[\w-]{41}A$/);
    expect(createPattern()).not.toBe(createPattern());
  });
});

describe('A record', () => {
  const now = Date.UTC(2026, 10, 27);
  beforeEach(() => jest.spyOn(Date, 'now').mockReturnValue(now));

  it('of a code can be redeemed for one minute', () => {
    expect(createCodeRecord()).toEqual({
      clientId: 'spa',
      redirectUri: 'https://app.example/callback',
      codeChallenge: expect.stringMatching(RANDOM),
      codeChallengeMethod: 'S256',
      expiresAt: new Date(now + 60_000),
      dpopJkt: null,
      scope: 'openid profile',
    });
  });

  it('of a refresh token is valid for one minute, in a grant of its own', () => {
    const record = createRefreshTokenRecord();
    expect(record).toEqual({
      clientId: 'spa',
      scope: 'openid offline_access',
      expiresAt: new Date(now + 60_000),
      dpopJkt: null,
      grantId: expect.stringMatching(/^[\da-f]{32}$/),
    });
    expect(createRefreshTokenRecord().grantId).not.toBe(record.grantId);
  });

  it.each([
    ['a code', createCodeRecord],
    ['a refresh token', createRefreshTokenRecord],
  ])('of %s has the fields that are given', (_what, create) => {
    expect(create({ clientId: 'web', userId: 'ada' })).toMatchObject({ clientId: 'web', userId: 'ada', dpopJkt: null });
  });
});

describe('HOSTILE_STRINGS', () => {
  it('are what a careless store would lose, cut, change or misinterpret', () => {
    expect(Object.entries(HOSTILE_STRINGS)).toEqual([
      ['a NUL', 'before\0after'],
      ['quotes', "'; DROP TABLE oauth_codes; -- \" ` \\ \\' $1 %s"],
      ['four kilobytes', 'x'.repeat(4096)],
      ['unicode beyond the basic plane', '\u00e4 \u6f22\u5b57 \u{1f469}\u200d\u{1f469}\u200d\u{1f467} \u{1d11e}'],
      ['a decomposed letter', 'e\u0301'],
      ['half of a surrogate pair', 'before \ud83d after'],
      ['line breaks', 'one\r\ntwo\nthree\u2028four'],
      ['white space around', ' \t around \t '],
      ['__proto__', '__proto__'],
      ['constructor', 'constructor'],
      ['braces', '{tag}:*?[a-z]'],
      ['a JSON text', '{"clientId":"another"}'],
      ['what a date looks like', '2026-01-02T03:04:05.678Z'],
      ['what a store may write for a date', 'date:2026-01-02T03:04:05.678Z'],
      ['a number', '0123'],
      ['a word for nothing', 'null'],
    ]);
  });

  it('cannot be changed by a spec for all others', () => {
    expect(Object.isFrozen(HOSTILE_STRINGS)).toBe(true);
  });
});
