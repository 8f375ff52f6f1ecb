import { isIssuer } from '../issuer';
import { isAdapter } from '../options/adapters';
import { APPLICATION_TYPE } from './callback-url';
import { checkEntries, checkNames, isListOf, isText, orNone, type Rules } from './entries';
import { SCOPE } from './scope';
import type { AuthorizationClient, AuthorizationRequestOptions } from './types';

/** The parameters that `parseAuthorizationRequest` reads itself. */
const PARAMETERS = Object.freeze([
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'state',
  'request',
  'request_uri',
  'code_challenge',
  'code_challenge_method',
  'scope',
  'nonce',
  'prompt',
  'max_age',
  'login_hint',
  'dpop_jkt',
  'resource',
  'audience',
]);

const isOptional = (isSound: (value: unknown) => boolean) => (value: unknown) => value === undefined || isSound(value);
const isScope = (value: unknown) => isText(value) && SCOPE.test(value);
/** RFC 6749 §8.2: param-name. */
const PARAMETER = /^[\w.-]+$/;
const isParameter = (value: unknown) =>
  isText(value) && PARAMETER.test(value) && !PARAMETERS.includes(value) && value !== '__proto__';

/** RFC 9207 §2: the issuer identifier, which has neither a query nor a fragment. */
export const ISSUER = {
  isSound: isIssuer,
  hint: "Write the URL of your server as it stands in your tokens and metadata, such as 'https://auth.example/'",
};

const OPTIONS = {
  findClient: {
    isSound: isAdapter,
    hint: 'Write a function: (clientId) => { clientId, redirectUris }, or null',
  },
  issuer: ISSUER,
  scopes: { isSound: isOptional(isListOf(isScope)), hint: "Write an array of scopes, such as ['openid', 'profile']" },
  audiences: {
    isSound: isOptional(isListOf(isText)),
    hint: "Write an array of API identifiers, such as ['https://api.example/']",
  },
  parameters: {
    isSound: isOptional(isListOf(isParameter)),
    hint: `Write an array of parameter names, such as ['acr_values'], and none of ${PARAMETERS.join(', ')}`,
  },
} satisfies Record<keyof AuthorizationRequestOptions, Rules[string]>;

/** @throws TypeError that names the mistakes. */
export function checkOptions(options: unknown): void {
  checkNames('parseAuthorizationRequest', options, OPTIONS);
  checkEntries('parseAuthorizationRequest', options, OPTIONS);
}

const CLIENT = {
  clientId: { isSound: isText, hint: 'Return the client_id of the client' },
  redirectUris: {
    isSound: isListOf(isText),
    hint: "Return an array of URLs, such as ['https://app.example/callback']",
  },
  applicationType: APPLICATION_TYPE,
  grantTypes: {
    isSound: orNone(isListOf(isText)),
    hint: "Return an array of grant types, such as ['authorization_code'], or leave it out",
  },
  webOrigins: {
    isSound: orNone(isListOf(isText)),
    hint: "Return an array of origins, such as ['https://app.example'], or leave it out",
  },
} satisfies Record<keyof AuthorizationClient, Rules[string]>;

/** @throws TypeError that names what is wrong with the client that `findClient` returned. */
export function checkClient(client: unknown): void {
  checkEntries('parseAuthorizationRequest: the client of findClient', client, CLIENT);
}
