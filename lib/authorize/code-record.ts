import { types } from 'node:util';
import { checkEntries, checkNames, isListOf, isText, isTextOrNull, orNone, type Rules } from './entries';
import type { AuthorizationRequest, CodeRecord, CodeRecordOptions, Granted, RequestFields } from './types';

const REQUEST_FIELDS: readonly string[] = [
  'clientId',
  'redirectUri',
  'codeChallenge',
  'codeChallengeMethod',
  'dpopJkt',
  'nonce',
  'expiresAt',
] satisfies (keyof RequestFields)[];

const REQUEST: Rules = Object.fromEntries(
  Object.entries({
    clientId: isText,
    redirectUri: isTextOrNull,
    codeChallenge: isText,
    codeChallengeMethod: (value) => value === 'S256',
    dpopJkt: isTextOrNull,
    nonce: isTextOrNull,
    scope: isTextOrNull,
    audience: isTextOrNull,
    resources: isListOf(isText),
  } satisfies Record<string, (value: unknown) => boolean>).map(([name, isSound]) => [
    name,
    { isSound, hint: 'Pass the request of a result of the kind request' },
  ]),
);

const isInstant = (value: unknown) => types.isDate(value) && !Number.isNaN(value.getTime());

const GRANTED = {
  userId: { isSound: isText, hint: 'Write the id of the user, a string: it becomes the sub of the tokens' },
  authTime: {
    isSound: orNone(isInstant),
    hint: 'Write a Date, as new Date(req.session.signedInAt) makes it of what a session keeps',
  },
  acr: { isSound: orNone(isText), hint: 'Write a string, or leave it out' },
  amr: { isSound: orNone(isListOf(isText)), hint: "Write an array such as ['pwd'], or leave it out" },
  scope: { isSound: orNone(isText), hint: 'Write scopes with one space between them, null for none' },
  audience: { isSound: orNone(isText), hint: 'Write the identifier of the API, or null' },
  resources: { isSound: orNone(isListOf(isText)), hint: 'Write an array of URIs, or null' },
} satisfies Record<keyof Granted, Rules[string]>;

const OPTIONS: Rules = {
  lifetime: {
    isSound: (value) => value === undefined || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 600),
    hint: 'Write a whole number of seconds from 1 to 600',
  },
};

/**
 * Makes the record to save with a code: all fields of the request, and what you add. If the request has no `resource`,
 * `resources` is `[]`, so the token endpoint refuses every resource.
 *
 * @throws TypeError that names the entry that is missing, malformed or set by the request, and says what to write.
 */
export function codeRecordOf<Host extends Granted>(
  request: AuthorizationRequest<string>,
  granted: Host & { [Name in keyof RequestFields]?: never },
  options: CodeRecordOptions = {},
): CodeRecord<Host> {
  checkEntries('codeRecordOf: the request', request, REQUEST);
  checkEntries('codeRecordOf', granted, GRANTED);
  checkNames('codeRecordOf', options, OPTIONS);
  checkEntries('codeRecordOf', options, OPTIONS);
  checkGranted(request, granted);

  const { scope = request.scope, audience = request.audience, resources = request.resources } = granted;
  const { authTime = null, acr = null, amr = null } = granted;
  const record = {
    ...granted,
    clientId: request.clientId,
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge,
    codeChallengeMethod: request.codeChallengeMethod,
    dpopJkt: request.dpopJkt,
    nonce: request.nonce,
    scope,
    audience,
    resources,
    authTime,
    acr,
    amr,
    expiresAt: new Date(Date.now() + (options.lifetime ?? 60) * 1000),
  };
  return record as unknown as CodeRecord<Host>;
}

function checkGranted({ maxAge }: AuthorizationRequest<string>, granted: Granted): void {
  const taken = Object.keys(granted).find((name) => REQUEST_FIELDS.includes(name));
  if (taken !== undefined) throw new TypeError(`codeRecordOf: ${taken} comes from the request. Leave it out`);
  // Then auth_time is required (OpenID Connect Core §2).
  if (maxAge !== null && (granted.authTime ?? null) === null) {
    throw new TypeError(
      'codeRecordOf: authTime is missing, but the request has a max_age. Write when the user signed in',
    );
  }
}
