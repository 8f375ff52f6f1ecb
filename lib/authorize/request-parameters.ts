import { type Parameters, PRINTABLE_TEXT } from './parameters';
import { invalidRequest, refusal } from './refusals';
import { checkAudiences, parseResources } from './resources';
import { parseResponseMode } from './response-mode';
import { parseScope } from './scope';
import type {
  AuthorizationClient,
  AuthorizationRequest,
  AuthorizationRequestOptions,
  AuthorizationTarget,
  Prompt,
} from './types';

const PROMPTS: readonly string[] = ['none', 'login', 'consent', 'select_account', 'create'] satisfies Prompt[];
/** The base64url form of 32 bytes. Only four bits of the last character are used. */
const SHA_256 = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

type Parsed<Name extends string> = Omit<AuthorizationRequest<Name>, 'clientId' | 'redirectUri' | 'receivedAt'>;

/** Parses everything but the client and its callback URL. Refusals are sent to the callback URL. */
export function parseRequest<Name extends string>(
  parameters: Parameters,
  target: AuthorizationTarget,
  client: AuthorizationClient,
  options: Pick<AuthorizationRequestOptions<AuthorizationClient, Name>, 'scopes' | 'audiences' | 'parameters'>,
): Parsed<Name> {
  const { read, readAll } = parameters;
  parseResponseMode(parameters, target.responseUri, client);
  read('state');
  checkGrantType(client);
  checkRequestObject(parameters);
  checkResponseType(read('response_type'));
  const codeChallenge = parseCodeChallenge(parameters);
  const scope = parseScope(read('scope'), options.scopes);
  const prompt = parsePrompt(read('prompt'));
  const maxAge = parseMaxAge(read('max_age'));
  const dpopJkt = parseDpopJkt(read('dpop_jkt'));
  const nonce = read('nonce') ?? null;
  const loginHint = read('login_hint', PRINTABLE_TEXT) ?? null;
  const targets = { resources: parseResources(readAll('resource')), audience: read('audience') ?? null };
  checkAudiences(options.audiences, targets);
  return {
    ...target,
    codeChallenge,
    codeChallengeMethod: 'S256',
    scope,
    nonce,
    prompt,
    maxAge,
    loginHint,
    dpopJkt,
    ...targets,
    parameters: parseDeclared(parameters, options.parameters),
  };
}

/** Throws `unauthorized_client` if the client may not use codes (RFC 6749 §4.1.2.1). */
function checkGrantType({ grantTypes }: AuthorizationClient): void {
  if (!grantTypes || grantTypes.includes('authorization_code')) return;
  throw refusal('unauthorized_client', 'grant_type_not_allowed', 'The client may not use this grant');
}

/** Refuses request objects. Ignoring one would ignore what it forbids (OpenID Connect Core §3.1.2.6). */
function checkRequestObject({ readAll }: Parameters): void {
  const isSent = (name: string) => readAll(name).some((value) => value !== '');
  if (isSent('request')) {
    throw refusal('request_not_supported', 'request_not_supported', 'The parameter request is not supported');
  }
  if (isSent('request_uri')) {
    throw refusal(
      'request_uri_not_supported',
      'request_uri_not_supported',
      'The parameter request_uri is not supported',
    );
  }
}

function checkResponseType(responseType: string | undefined): void {
  if (responseType === undefined) throw missing('response_type');
  if (responseType === 'code') return;
  throw refusal('unsupported_response_type', 'response_type_unsupported', 'The response_type must be code');
}

const missing = (name: string) => invalidRequest('parameter_missing', `Missing required parameter: ${name}`);

/** Parses the challenge (RFC 7636 §4.4.1). A missing method would mean `plain`, so it is refused. */
function parseCodeChallenge({ read }: Parameters): string {
  const codeChallenge = read('code_challenge');
  if (codeChallenge === undefined) throw missing('code_challenge');
  if (read('code_challenge_method') !== 'S256') {
    throw invalidRequest('code_challenge_method_wrong', 'The code_challenge_method must be S256');
  }
  if (SHA_256.test(codeChallenge)) return codeChallenge;
  throw invalidRequest('code_challenge_malformed', 'The code_challenge must be a SHA-256 digest in base64url');
}

function parsePrompt(prompt: string | undefined): readonly Prompt[] {
  const prompts = [...new Set((prompt ?? '').split(' ').filter((each) => each !== ''))];
  const isKnown = (each: string): each is Prompt => PROMPTS.includes(each);
  if (prompts.every(isKnown) && (prompts.length === 1 || !prompts.includes('none'))) return prompts;
  throw invalidRequest(
    'prompt_malformed',
    'The prompt must be none, or a list of login, consent, select_account, create',
  );
}

function parseMaxAge(maxAge: string | undefined): number | null {
  if (maxAge === undefined) return null;
  if (/^(?:0|[1-9]\d{0,9})$/.test(maxAge)) return Number(maxAge);
  throw invalidRequest('max_age_malformed', 'The max_age must be a whole number of seconds');
}

/** Parses `dpop_jkt` (RFC 9449 §10). */
function parseDpopJkt(dpopJkt: string | undefined): string | null {
  if (dpopJkt === undefined) return null;
  if (SHA_256.test(dpopJkt)) return dpopJkt;
  throw invalidRequest('dpop_jkt_malformed', 'The dpop_jkt must be a SHA-256 thumbprint in base64url');
}

function parseDeclared<Name extends string>(
  { read }: Parameters,
  names: readonly Name[] | undefined,
): Readonly<Partial<Record<Name, string>>> {
  const values = names?.map((name) => [name, read(name)]).filter(([, value]) => value !== undefined);
  return Object.fromEntries(values ?? []) as Partial<Record<Name, string>>;
}
