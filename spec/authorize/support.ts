import {
  type AuthorizationClient,
  type AuthorizationRequest,
  type AuthorizationRequestOptions,
  type ParsedAuthorizationRequest,
  parseAuthorizationRequest,
} from '../../lib/authorize';

export const ISSUER = 'https://auth.example/';
export const CALLBACK = 'https://app.example/callback';
export const CODE_CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
export const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';

export const CLIENT: AuthorizationClient = {
  clientId: 'spa',
  redirectUris: [CALLBACK, 'https://app.example/other'],
  webOrigins: ['https://app.example'],
};

/** The good request. */
export const GOOD = {
  client_id: 'spa',
  redirect_uri: CALLBACK,
  response_type: 'code',
  code_challenge: CODE_CHALLENGE,
  code_challenge_method: 'S256',
  scope: 'openid profile',
  state: 'a state',
} as const;

type Options = Partial<AuthorizationRequestOptions<AuthorizationClient, string>>;

/** Parses the good request with these differences; `undefined` leaves a parameter out. */
export function parse(
  change: Record<string, unknown> = {},
  { client = CLIENT, ...options }: Options & { client?: AuthorizationClient } = {},
): Promise<ParsedAuthorizationRequest<AuthorizationClient, string>> {
  const query = Object.fromEntries(Object.entries({ ...GOOD, ...change }).filter(([, value]) => value !== undefined));
  return parseAuthorizationRequest(query, {
    findClient: (clientId) => (clientId === client.clientId ? client : null),
    issuer: ISSUER,
    ...options,
  });
}

/** The request, which must be good. */
export async function parseGood(...given: Parameters<typeof parse>): Promise<AuthorizationRequest<string>> {
  const parsed = await parse(...given);
  if (parsed.kind !== 'request') throw parsed.error;
  return parsed.request;
}

/** What a refusal says: where it goes, to the client and to the operator. */
export async function refusalOf(...given: Parameters<typeof parse>) {
  const { kind, error, request } = await parse(...given);
  return { kind, error: error?.error, reason: error?.reason, state: request?.state };
}
