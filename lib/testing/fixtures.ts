import { randomBytes } from 'node:crypto';
import { codeChallengeOf } from '../grants/pkce';
import type { AuthorizationCode, RefreshToken } from '../types';

/** Makes a new verifier and its `S256` challenge (RFC 7636 §4.1, §4.2). */
export function createPkcePair() {
  const codeVerifier = randomBytes(32).toString('base64url');
  return { codeVerifier, codeChallenge: codeChallengeOf(codeVerifier), codeChallengeMethod: 'S256' };
}

/** Makes a new code of 256 random bits (RFC 6749 §10.10). */
export function createCode(): string {
  return randomBytes(32).toString('base64url');
}

/** Makes the record of a code that can be redeemed for one minute. Pass the fields that should differ. */
export function createCodeRecord<Different extends object = object>(
  different?: Different,
): Required<AuthorizationCode> & Different {
  return {
    clientId: 'spa',
    redirectUri: 'https://app.example/callback',
    codeChallenge: createPkcePair().codeChallenge,
    codeChallengeMethod: 'S256',
    expiresAt: new Date(Date.now() + 60_000),
    dpopJkt: null,
    scope: 'openid profile',
    ...different,
  } as Required<AuthorizationCode> & Different;
}

/** Makes a new refresh token of 256 random bits (RFC 6749 §10.10). */
export const createRefreshToken = createCode;

/** Makes the record of a refresh token that is valid for one minute. Pass the fields that should differ. */
export function createRefreshTokenRecord<Different extends object = object>(
  different?: Different,
): Omit<Required<RefreshToken>, 'spentAt'> & { grantId: string } & Different {
  return {
    clientId: 'spa',
    scope: 'openid offline_access',
    expiresAt: new Date(Date.now() + 60_000),
    dpopJkt: null,
    grantId: randomBytes(16).toString('hex'),
    ...different,
  } as Omit<Required<RefreshToken>, 'spentAt'> & { grantId: string } & Different;
}

/** Strings that a careless store would lose, cut, change or misinterpret. */
export const HOSTILE_STRINGS: Readonly<Record<string, string>> = Object.freeze({
  'a NUL': 'before\0after',
  quotes: `'; DROP TABLE oauth_codes; -- " \` \\ \\' $1 %s`,
  'four kilobytes': 'x'.repeat(4096),
  'unicode beyond the basic plane': 'ä 漢字 👩‍👩‍👧 \u{1d11e}',
  'a decomposed letter': 'e\u0301',
  'half of a surrogate pair': 'before \ud83d after',
  'line breaks': 'one\r\ntwo\nthree\u2028four',
  'white space around': ' \t around \t ',
  ['__proto__']: '__proto__',
  constructor: 'constructor',
  braces: '{tag}:*?[a-z]',
  'a JSON text': '{"clientId":"another"}',
  'what a date looks like': '2026-01-02T03:04:05.678Z',
  'what a store may write for a date': 'date:2026-01-02T03:04:05.678Z',
  'a number': '0123',
  'a word for nothing': 'null',
});

/** Texts that a store must distinguish from the given one. */
export const almostLike = (text: string): string[] => [
  text.toUpperCase(),
  `${text} `,
  ` ${text}`,
  `${text}\0`,
  `${text}=`,
  text.slice(0, -1),
  '',
];

/** Texts that match the given one where a store takes either for a pattern, or compares a part only. */
export const patternsOf = (text: string): Readonly<Record<string, string>> => {
  const ending = text.slice(0, -1);
  return {
    'a % alone': '%',
    'an asterisk alone': '*',
    'the pattern of any text': '.*',
    'nothing at all': '',
    'as many _ as it has characters': '_'.repeat(text.length),
    'as many dots as it has characters': '.'.repeat(text.length),
    'as many ? as it has characters': '?'.repeat(text.length),
    'a % for its last character': `${ending}%`,
    'a _ for its last character': `${ending}_`,
    'a dot for its last character': `${ending}.`,
    'an asterisk for its last character': `${ending}*`,
    'a ? for its last character': `${ending}?`,
    'its first eight characters': text.slice(0, 8),
    'its first half': text.slice(0, text.length / 2),
    'its second half': text.slice(text.length / 2),
    'itself and something behind it': `${text}x`,
    'itself and something before it': `x${text}`,
    'itself between two %': `%${text}%`,
    'another character for its first': `x${text.slice(1)}`,
  };
};

/** A text that is a pattern itself: in SQL, its first character stands for any. */
export const createPattern = (): string => `_${createCode().slice(1, -1)}A`;
