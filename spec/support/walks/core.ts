import { connect } from 'node:net';
import express from 'express';
import request from 'supertest';
import { type AuthorizationCode, OAuthError } from '../../../lib';
import { digestOfAddress } from '../../../lib/address';
import { createEndpoint, goodForm, type Options } from '../endpoint';
import { hangUpAfter, rawPost, sendBytes, withServer } from '../raw';
import { step, type Walk } from './walk';

type Endpoint = ReturnType<typeof createEndpoint>;
type Change = Record<string, string | undefined>;

const FORM = 'application/x-www-form-urlencoded';
const good = () => new URLSearchParams(goodForm()).toString();
const changed = (change: Change) =>
  Object.fromEntries(Object.entries({ ...goodForm(), ...change }).filter(([, value]) => value !== undefined));

const send =
  (change: Change = {}, fields: Record<string, string> = {}) =>
  (endpoint: Endpoint) =>
    endpoint.post(changed(change)).set(fields);
const sendBody =
  (type: string, body: string, fields: Record<string, string> = {}) =>
  ({ app }: Endpoint) =>
    request(app).post('/oauth/token').set(fields).type(type).send(body);
const sendTwice = async ({ post }: Endpoint) => {
  await post();
  return post();
};
const sendRaw =
  (fields: string[]) =>
  async ({ app }: Endpoint) => {
    const { status, body } = await withServer(app, (port) => sendBytes(port, rawPost(fields, good())));
    return { status, body: JSON.parse(body) };
  };

const fail = () => Promise.reject(new Error('database gone'));
const never = () => new Promise<never>(() => {});
const returning = (adapter: keyof Options, value: unknown) => () => ({ [adapter]: async () => value });
const failing = (adapter: keyof Options) => () => ({ [adapter]: fail });
const withRecord = (record: Record<string, unknown>) => () => ({ record });
const withDpop =
  (verifyDpop: unknown, more: Partial<Options> = {}) =>
  () => ({
    tokenEndpoint: 'https://auth.example/oauth/token',
    verifyDpop: verifyDpop as NonNullable<Options['verifyDpop']>,
    ...more,
  });
const verified = async () => ({ jkt: 'a key' });
const PROOF = { DPoP: 'a.proof.here' };

export const walk: Walk = {
  code_redeemed: step(send()),

  method_not_allowed: step(({ app }) => request(app).get('/oauth/token')),
  origin_not_allowed: step(send({}, { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' })),
  media_type_unsupported: step(sendBody('text/plain', good())),
  charset_unsupported: step(sendBody(`${FORM}; charset=utf-16`, good())),
  content_encoding_unsupported: step(sendBody(FORM, good(), { 'Content-Encoding': 'gzip' })),
  body_too_large: step(send({ pad: 'x'.repeat(20_000) })),
  body_truncated: step(async ({ app, outcomes }) =>
    withServer(app, async (port) => {
      hangUpAfter(port, rawPost([`Content-Type: ${FORM}`], good()).subarray(0, -10));
      while (outcomes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      return undefined;
    }),
  ),
  body_timeout: step(
    async ({ app }) => {
      const head = rawPost([`Content-Type: ${FORM}`], good()).subarray(0, -10);
      const { status, body } = await withServer(app, (port) => sendBytes(port, head));
      return { status, body: JSON.parse(body) };
    },
    () => ({ bodyTimeout: 50 }),
  ),
  body_malformed: step(sendBody('application/json', '{"code":')),
  parameters_too_many: step(sendBody(FORM, `${good()}${'&a'.repeat(1000)}`)),
  rate_limited: step(sendTwice, () => ({ consumeCode: () => false, rateLimit: { limit: 1 } })),

  parameter_in_query: step(({ app }) => request(app).post('/oauth/token?code=x').type('form').send(good())),
  parameter_repeated: step(sendBody(FORM, `${good()}&code=x`)),
  parameter_no_string: step(sendBody('application/json', JSON.stringify({ ...goodForm(), code: 7 }))),
  parameter_characters: step(send({ code: 'a\0' })),
  parameter_missing: step(send({ code: undefined })),
  grant_type_unsupported: step(send({ grant_type: 'password' })),
  code_verifier_malformed: step(send({ code_verifier: 'short' })),

  authorization_repeated: step(sendRaw([`Content-Type: ${FORM}`, 'Authorization: Basic x', 'Authorization: Basic x'])),
  authorization_scheme_unsupported: step(send({}, { Authorization: 'Bearer x' })),
  authorization_malformed: step(send({}, { Authorization: 'Basic x' })),
  client_authentication_repeated: step((endpoint) => endpoint.post(changed({ client_secret: 'x' })).auth('spa', 'x')),
  client_id_conflict: step((endpoint) => endpoint.post().auth('other', 'x')),
  client_assertion_type_unsupported: step(send({ client_assertion: 'x', client_assertion_type: 'saml' })),
  client_authentication_unsupported: step(send({ client_secret: 'x' })),
  client_refused: step(send(), returning('authenticateClient', null)),
  client_mismatch: step(send(), returning('authenticateClient', { clientId: 'other' })),
  client_authentication_method_wrong: step(
    send(),
    returning('authenticateClient', { clientId: 'spa', tokenEndpointAuthMethod: 'private_key_jwt' }),
  ),
  grant_type_not_allowed: step(send(), returning('authenticateClient', { clientId: 'spa', grantTypes: [] })),

  resource_not_granted: step(send({ resource: 'urn:a' }), withRecord({ resources: [] })),
  public_client_not_allowed: step(send({ grant_type: 'urn:a' }), () => ({
    ...returning('authenticateClient', { clientId: 'spa', grantTypes: ['urn:a'] })(),
    grants: { 'urn:a': { issueTokens: fail } } as never,
  })),
  extension_grant_redeemed: step(send({ grant_type: 'urn:a' }), () => ({
    ...returning('authenticateClient', { clientId: 'spa', grantTypes: ['urn:a'] })(),
    grants: {
      'urn:a': { allowPublic: true, issueTokens: async () => ({ access_token: 'a', expires_in: 1 }) },
    } as never,
  })),
  code_unknown: step(send({ code: 'unknown' })),
  code_of_another_client: step(send({ client_id: 'other' })),
  redirect_uri_missing: step(send({ redirect_uri: undefined })),
  redirect_uri_mismatch: step(send({ redirect_uri: 'https://evil.example' })),
  code_challenge_missing: step(send(), withRecord({ codeChallenge: null })),
  code_challenge_method_unsupported: step(send(), withRecord({ codeChallengeMethod: 'plain' })),
  code_verifier_missing: step(send({ code_verifier: undefined })),
  code_verifier_mismatch: step(send({ code_verifier: 'x'.repeat(43) })),
  code_replayed: step(sendTwice),
  code_replayed_at_once: step(sendTwice, () => {
    const { code: record } = createEndpoint();
    return {
      findCode: async () => record,
      async consumeCode(_code, req) {
        if ((record as AuthorizationCode).spentAt) return false;
        Object.assign(record, { spentAt: new Date(), spentBy: digestOfAddress(req) });
        return true;
      },
    };
  }),
  code_expired: step(send(), withRecord({ expiresAt: new Date(0) })),

  dpop_proof_missing: step(send(), withDpop(verified, { requireDpop: true })),
  dpop_proof_repeated: step(send({}, { DPoP: 'a, b' }), withDpop(verified)),
  dpop_key_mismatch: step(send({}, PROOF), () => ({ ...withDpop(verified)(), record: { dpopJkt: 'another key' } })),

  adapter_refused: step(send(), () => ({ findCode: () => Promise.reject(new OAuthError('invalid_grant', 'No')) })),

  rate_limit_store_failed: step(send(), () => ({
    rateLimit: { store: { increment: fail, decrement() {}, resetKey() {} } },
  })),
  allowed_origins_failed: step(send({}, { Origin: 'https://app.example' }), failing('allowedOrigins')),
  body_taken: step(async ({ router }) => {
    const app = express().use((req, _res, next) => void req.resume().once('end', next), router);
    return request(app).post('/oauth/token').type('form').send(good());
  }),
  authenticate_client_failed: step(send(), failing('authenticateClient')),
  client_malformed: step(send(), returning('authenticateClient', { clientId: 7 })),
  find_code_failed: step(send(), failing('findCode')),
  code_malformed: step(send(), withRecord({ redirectUri: undefined })),
  token_endpoint_failed: step(send({}, PROOF), withDpop(verified, { tokenEndpoint: () => '/oauth/token' })),
  verify_dpop_failed: step(send({}, PROOF), withDpop(fail)),
  confirmation_malformed: step(
    send({}, PROOF),
    withDpop(async () => ({ jkt: '' })),
  ),
  consume_code_failed: step(send(), failing('consumeCode')),
  consume_code_no_boolean: step(send(), returning('consumeCode', 1)),
  issue_tokens_failed: step(send(), failing('issueTokens')),
  tokens_malformed: step(send(), returning('issueTokens', { access_token: 'a', expires_in: '3600' })),
  adapter_timeout: step(send(), () => ({ adapterTimeout: 20, findCode: never })),
  adapter_timeout_after_consumption: step(send(), () => ({ actTimeout: 20, issueTokens: never })),
  client_gone: async () => {
    let hangUp = () => {};
    const gone = new Promise<void>((resolve) => {
      hangUp = resolve;
    });
    const endpoint = createEndpoint({ findCode: () => gone.then(() => endpoint.code) });
    await withServer(endpoint.app, async (port, server) => {
      server.on('request', (_req, res) => res.once('close', hangUp));
      hangUpAfter(port, rawPost([`Content-Type: ${FORM}`], good()));
      while (endpoint.outcomes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    });
    return { answer: undefined, outcomes: endpoint.outcomes };
  },
  answered_by_host: async () => {
    const endpoint = createEndpoint({
      async findCode(_code, req) {
        req.res?.status(503).send('the time-out of the host');
        return endpoint.code;
      },
    });
    await endpoint.post();
    return { answer: undefined, outcomes: endpoint.outcomes };
  },
  no_time_left: async () => {
    const endpoint = createEndpoint({ adapterTimeout: 100, actTimeout: 9300 });
    await withServer(endpoint.app, async (port) => {
      const bytes = rawPost([`Content-Type: ${FORM}`], good());
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes.subarray(0, -10)));
      setTimeout(() => socket.write(bytes.subarray(-10)), 300);
      while (endpoint.outcomes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      socket.destroy();
    });
    return { answer: undefined, outcomes: endpoint.outcomes };
  },
  unexpected: step(send(), () => ({
    findCode: () => new Proxy({} as never, { get: (_target, name) => (name === 'then' ? undefined : broken()) }),
  })),
};

function broken(): never {
  throw new Error('a getter of the record failed');
}
