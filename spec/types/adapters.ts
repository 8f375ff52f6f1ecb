import { createTokenRouter } from '../../lib';
import type { RefreshTokenRow, Row } from './host';
import * as host from './host';

const { findCode, consumeCode, issueTokens, row, registered, tokens } = host;
const good = { findCode, consumeCode, issueTokens };

createTokenRouter(good);

// @ts-expect-error findCode is missing
createTokenRouter({ consumeCode, issueTokens });
// @ts-expect-error consumeCode is missing
createTokenRouter({ findCode, issueTokens });
// @ts-expect-error issueTokens is missing
createTokenRouter({ findCode, consumeCode });
// @ts-expect-error there are no options
createTokenRouter();

// @ts-expect-error consumeCode returns nothing
createTokenRouter({ ...good, consumeCode: async () => {} });
// @ts-expect-error consumeCode returns nothing, at once
createTokenRouter({ ...good, consumeCode: () => {} });
// @ts-expect-error consumeCode returns a row count
createTokenRouter({ ...good, consumeCode: async () => 1 });
// @ts-expect-error consumeCode returns a driver's result
createTokenRouter({ ...good, consumeCode: async () => ({ rowCount: 1 }) });
// @ts-expect-error consumeCode may return nothing
createTokenRouter({ ...good, consumeCode: async ({ id }: Row) => (id > 0 ? true : undefined) });
// @ts-expect-error consumeCode wants another record
createTokenRouter({ ...good, consumeCode: async ({ family }: RefreshTokenRow) => family !== '' });
// @ts-expect-error consumeCode wants the code itself
createTokenRouter({ ...good, consumeCode: async (code: string) => code !== '' });
// @ts-expect-error revokeTokens wants another record
createTokenRouter({ ...good, revokeTokens: async ({ family }: RefreshTokenRow) => console.log(family) });

// @ts-expect-error issueTokens sets token_type
createTokenRouter({ ...good, issueTokens: async () => ({ ...tokens, token_type: 'Bearer' }) });
// @ts-expect-error issueTokens returns nothing
createTokenRouter({ ...good, issueTokens: async () => {} });
// @ts-expect-error issueTokens returns no lifetime
createTokenRouter({ ...good, issueTokens: async () => ({ access_token: 'a' }) });
// @ts-expect-error issueTokens returns the lifetime as a string
createTokenRouter({ ...good, issueTokens: async () => ({ access_token: 'a', expires_in: '3600' }) });
// @ts-expect-error issueTokens returns no access token
createTokenRouter({ ...good, issueTokens: async () => ({ expires_in: 60 }) });
// @ts-expect-error issueTokens wants another record
createTokenRouter({ ...good, issueTokens: async ({ code }: { code: RefreshTokenRow }) => code && tokens });
// @ts-expect-error issueTokens wants a client that nobody authenticates
createTokenRouter({ ...good, issueTokens: async ({ client }: { client: typeof registered }) => client && tokens });
// More members pass through.
createTokenRouter({ ...good, issueTokens: async () => ({ ...tokens, refresh_token: null, issued_for: 'test' }) });

/** The record without one of its fields. */
declare function without<Field extends keyof Row>(field: Field): () => Promise<Omit<Row, Field>>;
const anyRecord = { consumeCode: async () => true, issueTokens: async () => tokens };

createTokenRouter({ ...anyRecord, findCode: without('dpopJkt') });
createTokenRouter({ ...anyRecord, findCode: without('scope') });
// @ts-expect-error the record has no clientId
createTokenRouter({ ...anyRecord, findCode: without('clientId') });
// @ts-expect-error the record has no redirectUri
createTokenRouter({ ...anyRecord, findCode: without('redirectUri') });
// @ts-expect-error the record has no codeChallenge
createTokenRouter({ ...anyRecord, findCode: without('codeChallenge') });
// @ts-expect-error the record has no codeChallengeMethod
createTokenRouter({ ...anyRecord, findCode: without('codeChallengeMethod') });
// @ts-expect-error the record has no expiresAt
createTokenRouter({ ...anyRecord, findCode: without('expiresAt') });
declare function looseRow(): Promise<Omit<Row, 'redirectUri'> & { redirectUri?: string | null }>;
// @ts-expect-error the record's redirectUri may be missing
createTokenRouter({ ...anyRecord, findCode: looseRow });
// @ts-expect-error the record's codeChallenge may be undefined
createTokenRouter({ ...anyRecord, findCode: async () => ({ ...row, codeChallenge: undefined as string | undefined }) });
// @ts-expect-error the record expires at a number
createTokenRouter({ ...anyRecord, findCode: async () => ({ ...row, expiresAt: Date.now() }) });
// @ts-expect-error findCode returns whether there is a code
createTokenRouter({ ...anyRecord, findCode: async () => false });
// @ts-expect-error findCode returns the rows
createTokenRouter({ ...anyRecord, findCode: async () => [row] });
// @ts-expect-error findCode wants the whole request body
createTokenRouter({ ...anyRecord, findCode: async (body: { code: string }) => body && row });

// @ts-expect-error authenticateClient returns whether the client may
createTokenRouter({ ...good, authenticateClient: async () => true });
// @ts-expect-error authenticateClient returns a client without its id
createTokenRouter({ ...good, authenticateClient: async () => ({ name: 'a' }) });
// @ts-expect-error authenticateClient returns the grants as one string
createTokenRouter({ ...good, authenticateClient: async () => ({ clientId: 'a', grantTypes: 'authorization_code' }) });
// @ts-expect-error authenticateClient expects a secret of every client
createTokenRouter({ ...good, authenticateClient: async (it: { clientSecret: string }) => it && registered });

const endpoint = { tokenEndpoint: 'https://auth.example/oauth/token' };
createTokenRouter({ ...good, ...endpoint, verifyDpop: async ({ proof }) => ({ jkt: proof, nonce: 'next' }) });
// @ts-expect-error verifyDpop returns nothing
createTokenRouter({ ...good, ...endpoint, verifyDpop: async () => {} });
// @ts-expect-error verifyDpop returns whether the proof is good
createTokenRouter({ ...good, ...endpoint, verifyDpop: async () => true });
// @ts-expect-error verifyDpop returns the bare thumbprint
createTokenRouter({ ...good, ...endpoint, verifyDpop: async ({ proof }) => proof });
