import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientAuthenticationMethod } from '../../lib/clients';
import { createClientMetadataResolver } from '../../lib/clients';
import { CODE, CODE_VERIFIER, REDIRECT_URI } from '../support/endpoint';
import { withServer } from '../support/raw';
import { createClientEndpoint, createKey, digestOf } from './support/asserter';
import { createDocumentsServer } from './support/documents-server';

jest.setTimeout(120_000);

const run = promisify(execFile);
/** Whatever a form encodes, and a colon. */
const SECRET = 'p+w/%2F:d w&=~';
const right = createKey('ES256', 'key 1');
const wrong = createKey('ES256', 'key 1');
const pemOf = ({ privateKey }: typeof right) => String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const keyOf = (key: typeof right) => ({
  jwk: key.privateKey.export({ format: 'jwk' }),
  kid: key.kid,
  pem: pemOf(key),
});

interface Login {
  method: ClientAuthenticationMethod;
  encoding?: string;
  clientId?: string;
}

const CREDENTIALS = {
  none: { right: {}, wrong: { clientId: 'another' } },
  client_secret_basic: { right: { secret: SECRET }, wrong: { secret: 'wrong' } },
  client_secret_post: { right: { secret: SECRET }, wrong: { secret: 'wrong' } },
  private_key_jwt: { right: keyOf(right), wrong: keyOf(wrong) },
};

/** Lets an unmodified client, in a process of its own, redeem a code with the wrong credential and then the right one. */
async function redeemWith(library: string, { method, clientId = 'a client', ...more }: Login, options = {}) {
  const server = { port: 0 };
  const endpoint = createClientEndpoint(clientId, {
    clients: {
      [clientId]: {
        clientId,
        tokenEndpointAuthMethod: method,
        ...(method.startsWith('client_secret') && { clientSecretHash: digestOf(SECRET) }),
        jwks: { keys: [right.jwk] },
      },
    },
    audience: () => `http://127.0.0.1:${server.port}`,
    ...options,
  });
  return withServer(endpoint.app, async (port) => {
    server.port = port;
    const issuer = `http://127.0.0.1:${port}`;
    const login = {
      issuer,
      tokenEndpoint: `${issuer}/oauth/token`,
      clientId,
      redirectUri: REDIRECT_URI,
      codeVerifier: CODE_VERIFIER,
      code: CODE,
      method,
      ...CREDENTIALS[method],
      ...more,
    };
    const client = join(__dirname, 'clients', `${library}.mjs`);
    const { stdout } = await run(process.execPath, [client, JSON.stringify(login)], {
      env: { PATH: process.env.PATH },
    });
    const [first, second] = JSON.parse(stdout) as [{ refused: string }, { access_token: string }];
    return { refused: first.refused, token: second.access_token, reasons: endpoint.reasons() };
  });
}

const PANVA = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
const WHY = {
  none: 'client_not_found',
  client_secret_basic: 'client_secret_wrong',
  client_secret_post: 'client_secret_wrong',
  private_key_jwt: 'client_assertion_signature_wrong',
};

describe.each<[string, readonly ClientAuthenticationMethod[]]>([
  ['oauth4webapi', PANVA],
  ['openid-client', PANVA],
  ['simple-oauth2', ['client_secret_basic', 'client_secret_post']],
  ['mcp-client', PANVA],
  ['mcp-sdk', PANVA],
])('%s', (library, methods) => {
  it.each(methods)(
    'is refused by %s with the wrong credential, and redeems the same code with the right one',
    async (method) => {
      const { refused, token, reasons } = await redeemWith(library, { method });
      expect([token, reasons]).toEqual(['an access token', [WHY[method], 'code_redeemed']]);
      // Where there is a challenge, the library tells of that and reads no body.
      expect(refused).toMatch(/invalid_client|Client authentication failed|WWW-Authenticate|WWW_AUTHENTICATE|401/i);
    },
  );
});

it.each(['strict', 'loose'])('simple-oauth2 is served where it encodes Basic in its %s way', async (encoding) => {
  const { token } = await redeemWith('simple-oauth2', { method: 'client_secret_basic', encoding, clientId: 'app+web' });
  expect(token).toBe('an access token');
});

describe.each(['oauth4webapi', 'openid-client', 'mcp-client', 'mcp-sdk'])(
  '%s with the URL of its document as its id',
  (library) => {
    it.each(['none', 'private_key_jwt'] as const)('redeems a code by %s', async (method) => {
      const documents = await createDocumentsServer();
      try {
        const clientId = documents.urlOf('/client');
        documents.serveJson('/client', {
          client_id: clientId,
          redirect_uris: [REDIRECT_URI],
          token_endpoint_auth_method: method,
          ...(method === 'private_key_jwt' && { jwks_uri: documents.urlOf('/jwks') }),
        });
        documents.serveJson('/jwks', { keys: [right.jwk] });
        const fetch = documents.createFetch();
        const findClient = createClientMetadataResolver({ fetch });
        const { token } = await redeemWith(library, { method, clientId }, { fetch, findClient });
        expect(token).toBe('an access token');
      } finally {
        await documents.close();
      }
    });
  },
);
