import { types } from 'node:util';
import { describeKind } from '../received';
import type { AuthorizationCode } from '../types';

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isNothing = (value: unknown) => value === null || value === undefined;

type Rule = readonly [isSound: (value: unknown) => boolean, hint: string];

const ORIGIN = 'null if the authorization request had none';

/** What the token endpoint requires of the record. */
const FIELDS: Readonly<Partial<Record<keyof AuthorizationCode, Rule>>> = {
  clientId: [isText, 'the client_id, a string that is not empty'],
  redirectUri: [(value) => value === null || isText(value), `a string, or ${ORIGIN}`],
  codeChallenge: [(value) => value === null || typeof value === 'string', `a string, or ${ORIGIN}`],
  codeChallengeMethod: [(value) => value === null || typeof value === 'string', `'S256', or ${ORIGIN}`],
  expiresAt: [(value) => types.isDate(value) && !Number.isNaN(value.getTime()), 'a valid Date'],
  dpopJkt: [(value) => isNothing(value) || isText(value), `a string, or ${ORIGIN}`],
  scope: [(value) => isNothing(value) || typeof value === 'string', 'a string, or null'],
  resources: [
    (value) => isNothing(value) || (Array.isArray(value) && value.every(isText)),
    'an array of strings, or null',
  ],
};

/**
 * Checks a record when it is saved, so that the mistake shows at the authorization endpoint and not later.
 *
 * @throws TypeError that names the field, shows what was received, and says what to write.
 */
export function checkCode(record: AuthorizationCode): void {
  for (const [name, [isSound, hint]] of Object.entries(FIELDS)) {
    const value = (Object(record) as Record<string, unknown>)[name];
    if (isSound(value)) continue;
    throw new TypeError(`saveCode: ${name} is ${describeKind(value)}. Write ${hint}.`);
  }
}
