import type { Request } from 'express';
import { type AuthorizationCode, type Client, type Confirmation, createTokenRouter, type Outcome } from '../../lib';
import { type Equals, holds } from './equals';
import type { RegisteredClient, Row } from './host';
import * as host from './host';

const { findCode, authenticateClient, row, registered, tokens } = host;

// The record and the client come from references, first.
createTokenRouter({
  findCode,
  authenticateClient,
  async consumeCode(code, req) {
    holds<Equals<typeof code, Row>>();
    holds<Equals<typeof req, Request>>();
    return true;
  },
  async issueTokens({ code, client, confirmation }, req) {
    holds<Equals<typeof code, Row>>();
    holds<Equals<typeof client, RegisteredClient>>();
    holds<Equals<typeof confirmation, Confirmation | undefined>>();
    holds<Equals<typeof req, Request>>();
    return tokens;
  },
  async revokeTokens(code) {
    holds<Equals<typeof code, Row>>();
  },
});

// The record and the client come from references, last.
createTokenRouter({
  async revokeTokens(code) {
    holds<Equals<typeof code, Row>>();
  },
  async issueTokens({ code, client }) {
    holds<Equals<typeof code, Row>>();
    holds<Equals<typeof client, RegisteredClient>>();
    return tokens;
  },
  async consumeCode(code) {
    holds<Equals<typeof code, Row>>();
    return true;
  },
  authenticateClient,
  findCode,
});

// Arrow functions instead of methods change nothing.
createTokenRouter({
  issueTokens: ({ code, client }) => ({ access_token: code.userId + client.name, expires_in: 60 }),
  consumeCode: (code) => code.id > 0,
  authenticateClient,
  findCode,
});

// All of them are references.
createTokenRouter({
  issueTokens: host.issueTokens,
  revokeTokens: host.revokeTokens,
  consumeCode: host.consumeCode,
  authenticateClient,
  findCode,
});

// A store is destructured.
const store = host.rowStore();
createTokenRouter({
  issueTokens: async ({ code }) => ({ access_token: code.userId, expires_in: 60 }),
  consumeCode: store.consumeCode,
  findCode: store.findCode,
  revokeTokens: store.revokeTokens,
});

// A store is spread.
createTokenRouter({
  issueTokens: async ({ code }) => ({ access_token: code.userId, expires_in: 60 }),
  ...host.storeOf<Row>(),
});

// findCode is inline and first: its parameters are inferred, and what it returns is the record.
createTokenRouter({
  async findCode(code, req) {
    holds<Equals<typeof code, string>>();
    holds<Equals<typeof req, Request>>();
    return code === '' ? null : row;
  },
  async consumeCode(code) {
    holds<Equals<typeof code, Row>>();
    return true;
  },
  async issueTokens({ code }) {
    holds<Equals<typeof code, Row>>();
    return tokens;
  },
});

// The record needs no name, and no promise.
createTokenRouter({
  findCode: () => ({
    clientId: 'spa',
    redirectUri: null,
    codeChallenge: 'challenge',
    codeChallengeMethod: 'S256',
    expiresAt: new Date(),
    tenant: 7,
  }),
  consumeCode: ({ tenant }) => tenant === 7,
  issueTokens: ({ code: { tenant } }) => ({ access_token: `for ${tenant}`, expires_in: 60 }),
});

// findCode is inline and last, without parameters or with its own annotated: every order infers.
createTokenRouter({
  issueTokens: async ({ code }) => ({ access_token: code.userId, expires_in: 60 }),
  consumeCode: async (code) => code.id > 0,
  findCode: async () => row,
});
createTokenRouter({
  issueTokens: async ({ code }) => ({ access_token: code.userId, expires_in: 60 }),
  consumeCode: async (code) => code.id > 0,
  findCode: async (code: string) => (code === '' ? null : row),
});

// findCode is inline, last and not annotated: TypeScript goes through the options from top to bottom, meets a consumer
// first, and has no record for it. It says so at findCode, where `code: string` helps.
createTokenRouter({
  async consumeCode(code) {
    holds<Equals<typeof code, never>>();
    return true;
  },
  issueTokens: async () => ({ access_token: 'a token', expires_in: 60 }),
  // @ts-expect-error there is no record
  findCode: async (code) => (code === '' ? null : row),
});

// Type arguments help where nothing can be inferred.
createTokenRouter<Row, RegisteredClient>({
  issueTokens: async ({ code, client }) => ({ access_token: code.userId + client.name, expires_in: 60 }),
  consumeCode: async (code) => code.id > 0,
  authenticateClient: async ({ method }) => (method === 'none' ? null : registered),
  findCode: async (code) => (code === '' ? null : row),
});

// authenticateClient is inline: its credentials are a union by method.
createTokenRouter({
  findCode,
  consumeCode: host.consumeCode,
  async authenticateClient(credentials, req) {
    holds<Equals<typeof req, Request>>();
    holds<
      Equals<typeof credentials.method, 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'>
    >();
    if (credentials.method === 'client_secret_basic') {
      holds<Equals<typeof credentials.clientSecret, string>>();
      holds<Equals<typeof credentials.clientSecretAsSent, string | undefined>>();
      return registered;
    }
    if (credentials.method === 'private_key_jwt') {
      holds<Equals<typeof credentials.clientId, string | undefined>>();
      holds<Equals<typeof credentials.clientAssertion, string>>();
      return undefined;
    }
    if (credentials.method === 'client_secret_post') return credentials.clientSecret === '' ? null : registered;
    // @ts-expect-error a public client has no secret
    credentials.clientSecret;
    holds<Equals<typeof credentials.clientId, string>>();
    return null;
  },
  async issueTokens({ client }) {
    holds<Equals<typeof client, RegisteredClient>>();
    return tokens;
  },
});

// Without authenticateClient the client is a plain one.
createTokenRouter({
  findCode,
  consumeCode: host.consumeCode,
  async issueTokens({ client }) {
    holds<Equals<typeof client, Client>>();
    return tokens;
  },
});

// Two kinds of record are a union, to be told apart by the host.
createTokenRouter({
  findCode: async (): Promise<(Row & { kind: 'row' }) | (AuthorizationCode & { kind: 'plain' })> => ({
    ...row,
    kind: 'row',
  }),
  consumeCode: async () => true,
  async issueTokens({ code }) {
    holds<Equals<typeof code.kind, 'row' | 'plain'>>();
    if (code.kind === 'row') holds<Equals<typeof code.userId, string>>();
    return tokens;
  },
});

// Adapters that ask for less than they get are welcome.
createTokenRouter({
  findCode,
  consumeCode: async ({ id }: { id: number }) => id > 0,
  issueTokens: async () => tokens,
  revokeTokens: ({ id }: { id: number }) => console.log(id),
});

// The other functions need no annotation either.
createTokenRouter({
  findCode,
  consumeCode: host.consumeCode,
  issueTokens: host.issueTokens,
  tokenEndpoint(req) {
    holds<Equals<typeof req, Request>>();
    return 'https://auth.example/oauth/token';
  },
  verifyDpop({ proof, htm, htu }, req) {
    holds<Equals<[typeof proof, typeof htm, typeof htu, typeof req], [string, string, string, Request]>>();
    return { jkt: proof };
  },
  allowedOrigins(origin, req) {
    holds<Equals<[typeof origin, typeof req], [string, Request]>>();
    return false;
  },
  onOutcome(outcome, req) {
    holds<Equals<typeof outcome, Outcome>>();
    holds<Equals<typeof req, Request>>();
  },
});

// An option that is undefined is an option that is not given.
createTokenRouter({
  findCode,
  consumeCode: host.consumeCode,
  issueTokens: host.issueTokens,
  revokeTokens: undefined,
  authenticateClient: undefined,
  verifyDpop: undefined,
  tokenEndpoint: undefined,
  requireDpop: undefined,
  path: undefined,
  allowedOrigins: undefined,
  rateLimit: undefined,
  bodyLimit: undefined,
  adapterTimeout: undefined,
  errorStatus: undefined,
  onOutcome: undefined,
});

// findCode is inline and not annotated, and what takes its record is a reference: in every order.
declare function find(code: string): Row | null;
createTokenRouter({ findCode: (code) => find(code), consumeCode: host.consumeCode, issueTokens: host.issueTokens });
createTokenRouter({ consumeCode: host.consumeCode, issueTokens: host.issueTokens, findCode: (code) => find(code) });
createTokenRouter({
  findCode: async (code) => find(code),
  consumeCode: host.consumeCode,
  issueTokens: ({ code }) => {
    holds<Equals<typeof code, Row>>();
    return host.issueTokens({ code });
  },
});
createTokenRouter({
  findCode: () => ({
    clientId: 'spa',
    redirectUri: null,
    codeChallenge: null,
    codeChallengeMethod: null,
    expiresAt: new Date(),
  }),
  consumeCode: async () => true,
  // @ts-expect-error the record that findCode returns has no userId
  issueTokens: host.issueTokens,
});
createTokenRouter({
  findCode: (code) => find(code),
  // @ts-expect-error consumeCode wants another record
  consumeCode: async ({ family }: host.RefreshTokenRow) => family !== '',
  issueTokens: host.issueTokens,
});
