import { createPublicKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import request from 'supertest';
import { ALGORITHMS as DPOP_ALGORITHMS, prove, SIGNERS } from '../dpop/support/prover';
import {
  ALGORITHM_NAMES,
  type AnnouncedServer,
  API,
  CLIENT_URL,
  createAnnouncedServer,
  ISSUER,
  METHODS,
  OWN_GRANT,
} from './announced';

const ENDPOINTS = ['token', 'revocation', 'introspection'] as const;
type Endpoint = (typeof ENDPOINTS)[number];

/** A request that a client can make at this endpoint if it is authenticated, and how it ends then. */
const FORMS: Readonly<Record<Endpoint, { form: object; ends: [number, string | undefined] }>> = {
  token: { form: { grant_type: 'refresh_token', refresh_token: 'a' }, ends: [400, 'invalid_grant'] },
  revocation: { form: { token: 'a' }, ends: [200, undefined] },
  introspection: { form: { token: 'a' }, ends: [200, undefined] },
};

const walkMethods = (endpoint: Endpoint) => async (server: AnnouncedServer) => {
  const { form, ends } = FORMS[endpoint];
  const announced = server.listOf(`${endpoint}_endpoint_auth_methods_supported`);
  expect(METHODS).toEqual(expect.arrayContaining([...announced]));
  for (const method of METHODS) {
    const { status, body } = await server.postAs(`${endpoint}_endpoint`, method, form);
    const expected = announced.includes(method) ? ends : [401, 'invalid_client'];
    expect([method, status, body.error]).toEqual([method, ...expected]);
  }
};

const walkAssertions = (endpoint: Endpoint) => async (server: AnnouncedServer) => {
  const { form, ends } = FORMS[endpoint];
  const announced = server.listOf(`${endpoint}_endpoint_auth_signing_alg_values_supported`);
  expect(ALGORITHM_NAMES).toEqual(expect.arrayContaining([...announced]));
  for (const alg of ALGORITHM_NAMES) {
    const { status, body } = await server.postAs(`${endpoint}_endpoint`, 'private_key_jwt', form, alg);
    expect([alg, status, body.error]).toEqual([alg, ...(announced.includes(alg) ? ends : [401, 'invalid_client'])]);
  }
};

const tokensOf = async (server: AnnouncedServer, change: Record<string, string> = {}) =>
  (await server.redeem(await server.logIn(change))).body;
const headerOf = (token: string) => JSON.parse(Buffer.from(String(token.split('.')[0]), 'base64url').toString());

/** What is tried for each member of the document: that what it says is so, and that what it does not say is not. */
const WALKS: Readonly<Record<string, (server: AnnouncedServer) => Promise<void>>> = {
  async issuer(server) {
    const { parameters } = await server.logIn();
    const { id_token, access_token } = await tokensOf(server);
    const named = [parameters.iss, ...[id_token, access_token].map((token) => Object(jwt.decode(token)).iss)];
    expect(named).toEqual([ISSUER, ISSUER, ISSUER]);
    for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
      expect((await request(server.app).get(path)).body).toEqual(server.metadata);
    }
  },

  async authorization_endpoint(server) {
    expect((await server.logIn()).parameters.code).toMatch(/^[\w-]{43}$/);
  },
  async token_endpoint(server) {
    expect((await tokensOf(server)).token_type).toBe('Bearer');
  },
  async revocation_endpoint(server) {
    const { refresh_token: token } = await tokensOf(server);
    expect((await server.post('revocation_endpoint', { token, client_id: 'spa' })).status).toBe(200);
    const form = { grant_type: 'refresh_token', refresh_token: token, client_id: 'spa' };
    expect((await server.post('token_endpoint', form)).body.error).toBe('invalid_grant');
  },
  async introspection_endpoint(server) {
    const { access_token: token } = await tokensOf(server);
    const { body } = await server.postAs('introspection_endpoint', 'client_secret_basic', { token });
    expect(body).toMatchObject({ active: true, iss: ISSUER, aud: API });
  },

  async jwks_uri(server) {
    const { body } = await request(server.app).get(server.pathOf('jwks_uri'));
    const { id_token, access_token } = await tokensOf(server);
    for (const token of [id_token, access_token]) {
      const { kid, alg } = headerOf(token);
      const key = body.keys.find((jwk: { kid: string }) => jwk.kid === kid);
      expect(key).toMatchObject({ alg, use: 'sig' });
      jwt.verify(token, createPublicKey({ key, format: 'jwk' }), { issuer: ISSUER, algorithms: [alg] });
    }
    expect(JSON.stringify(body)).not.toMatch(/"(?:d|p|q|k)":/);
  },

  async scopes_supported(server) {
    for (const scope of server.listOf('scopes_supported')) {
      expect((await tokensOf(server, { scope })).scope?.split(' ')).toContain(scope);
    }
    expect((await tokensOf(server, { scope: 'openid' })).id_token).toBeDefined();
    expect((await tokensOf(server, { scope: 'read:notes offline_access' })).refresh_token).toBeDefined();
    // The API has it, and the server does not announce it.
    for (const scope of ['write:notes', 'email', 'unknown']) {
      expect((await tokensOf(server, { scope: `openid ${scope}` })).scope).toBe('openid');
    }
  },

  async response_types_supported(server) {
    for (const type of server.listOf('response_types_supported')) {
      expect((await server.logIn({ response_type: type })).parameters.code).toBeDefined();
    }
    for (const type of ['token', 'id_token', 'code id_token', 'code token', 'none', 'Code']) {
      const { parameters } = await server.logIn({ response_type: type });
      expect([type, parameters.error, parameters.code]).toEqual([type, 'unsupported_response_type', undefined]);
    }
  },

  async response_modes_supported(server) {
    const modes: Readonly<Record<string, (text: string, status: number) => boolean>> = {
      query: (_text, status) => status === 303,
      form_post: (text) => /<form method="post" action="https:\/\/app\.example\/callback"/.test(text),
      web_message: (text) => text.includes('postMessage'),
    };
    for (const mode of server.listOf('response_modes_supported')) {
      const login = await server.logIn({ response_mode: mode });
      expect([mode, modes[mode]?.(login.text, login.status)]).toEqual([mode, true]);
      expect((await server.redeem(login)).status).toBe(200);
    }
    for (const mode of ['fragment', 'jwt', 'query.jwt', 'Query']) {
      const { parameters } = await server.logIn({ response_mode: mode });
      expect([mode, parameters.error, parameters.code]).toEqual([mode, 'invalid_request', undefined]);
    }
  },

  async authorization_response_iss_parameter_supported(server) {
    expect(server.metadata.authorization_response_iss_parameter_supported).toBe(true);
    for (const mode of server.listOf('response_modes_supported')) {
      for (const change of [{}, { response_type: 'token' }]) {
        const { parameters } = await server.logIn({ ...change, response_mode: mode });
        expect([mode, parameters.iss]).toEqual([mode, ISSUER]);
      }
    }
  },

  // Left out it would be true (OpenID Connect Discovery §3).
  async request_uri_parameter_supported(server) {
    expect(server.metadata.request_uri_parameter_supported).toBe(false);
    for (const name of ['request_uri', 'request']) {
      const { parameters } = await server.logIn({ [name]: 'https://app.example/request' });
      expect([parameters.error, parameters.code]).toEqual([`${name}_not_supported`, undefined]);
    }
  },

  async grant_types_supported(server) {
    const grants: Readonly<Record<string, () => PromiseLike<{ status: number }>>> = {
      authorization_code: async () => server.redeem(await server.logIn()),
      async refresh_token() {
        const { refresh_token } = await tokensOf(server);
        const form = { grant_type: 'refresh_token', client_id: 'spa', refresh_token };
        return server.post('token_endpoint', form);
      },
      client_credentials: () =>
        server.postAs('token_endpoint', 'client_secret_post', { grant_type: 'client_credentials' }),
      [OWN_GRANT]: () => server.post('token_endpoint', { grant_type: OWN_GRANT, client_id: 'spa' }),
    };
    for (const grantType of server.listOf('grant_types_supported')) {
      expect([grantType, (await grants[grantType]?.())?.status]).toEqual([grantType, 200]);
    }
    const urn = 'urn:ietf:params:oauth:grant-type:';
    for (const grantType of ['password', 'implicit', `${urn}device_code`, `${urn}token-exchange`, `${urn}jwt-bearer`]) {
      const { body } = await server.post('token_endpoint', { grant_type: grantType, client_id: 'spa' });
      expect([grantType, body.error]).toEqual([grantType, 'unsupported_grant_type']);
    }
  },

  async code_challenge_methods_supported(server) {
    expect(server.listOf('code_challenge_methods_supported')).toEqual(['S256']);
    const login = await server.logIn({ code_challenge_method: 'S256' });
    expect((await server.redeem({ ...login, codeVerifier: 'x'.repeat(43) })).body.error).toBe('invalid_grant');
    expect((await server.redeem(login)).status).toBe(200);
    // Without a method it is plain (RFC 7636 §4.3).
    for (const method of ['plain', 's256', 'S512', '']) {
      const { parameters } = await server.logIn({ code_challenge_method: method });
      expect([method, parameters.error, parameters.code]).toEqual([method, 'invalid_request', undefined]);
    }
  },

  async dpop_signing_alg_values_supported(server) {
    const announced = server.listOf('dpop_signing_alg_values_supported');
    expect(DPOP_ALGORITHMS).toEqual(expect.arrayContaining([...announced]));
    for (const alg of DPOP_ALGORITHMS) {
      const proof = prove({ signer: SIGNERS[alg](), claims: { htu: server.metadata.token_endpoint } });
      const { body } = await server.redeem(await server.logIn()).set('DPoP', proof);
      const expected = announced.includes(alg) ? 'DPoP' : 'invalid_dpop_proof';
      expect([alg, body.error ?? body.token_type]).toEqual([alg, expected]);
    }
  },

  token_endpoint_auth_methods_supported: walkMethods('token'),
  revocation_endpoint_auth_methods_supported: walkMethods('revocation'),
  introspection_endpoint_auth_methods_supported: walkMethods('introspection'),
  token_endpoint_auth_signing_alg_values_supported: walkAssertions('token'),
  revocation_endpoint_auth_signing_alg_values_supported: walkAssertions('revocation'),
  introspection_endpoint_auth_signing_alg_values_supported: walkAssertions('introspection'),

  async id_token_signing_alg_values_supported(server) {
    const { id_token } = await tokensOf(server);
    expect(server.listOf('id_token_signing_alg_values_supported')).toEqual([headerOf(id_token).alg]);
  },

  async subject_types_supported(server) {
    expect(server.listOf('subject_types_supported')).toEqual(['public']);
    // A pairwise one would differ.
    const subjects = ['spa', 'other'].map(async (client_id) => {
      const { id_token } = await tokensOf(server, { client_id });
      return Object(jwt.decode(id_token)).sub;
    });
    expect(await Promise.all(subjects)).toEqual(['ann', 'ann']);
  },

  async client_id_metadata_document_supported(server) {
    expect(server.metadata.client_id_metadata_document_supported).toBe(true);
    const { access_token } = await tokensOf(server, { client_id: CLIENT_URL });
    expect(jwt.decode(access_token)).toMatchObject({ client_id: CLIENT_URL, aud: API });
    // The document is another client's.
    expect((await server.logIn({ client_id: `${CLIENT_URL}/other` })).status).toBe(401);
  },
};

describe('A member of the metadata', () => {
  const server = createAnnouncedServer();

  it('is tested by a request', () => {
    expect(Object.keys(server.metadata).sort()).toEqual(Object.keys(WALKS).sort());
  });

  it.each(Object.entries(WALKS))('is true, and what it does not say is refused: %s', async (_member, walk) => {
    await walk(server);
  });
});

describe('A member of the metadata of a server that does less', () => {
  const server = createAnnouncedServer({ methods: ['none', 'client_secret_post'], dpopAlgorithms: ['PS256'] });
  const members = Object.keys(server.metadata).filter((member) => /auth_methods|dpop/.test(member));

  it('is not there where nothing can be signed', () => {
    expect(Object.keys(server.metadata).filter((member) => member.includes('auth_signing_alg'))).toEqual([]);
    expect(members).toHaveLength(4);
  });

  it.each(members)('is true as well: %s', async (member) => WALKS[member]?.(server));
});
