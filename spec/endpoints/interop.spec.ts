import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import express from 'express';
import { createTokenRouter } from '../../lib';
import { authorizationResponse, codeRecordOf, parseAuthorizationRequest } from '../../lib/authorize';
import {
  authorizationServerMetadata,
  createIntrospectionRouter,
  createMetadataRouter,
  createRevocationRouter,
} from '../../lib/endpoints';
import { memoryStore } from '../../lib/stores/memory';
import { createTokenIssuer } from '../../lib/tokens';
import { API, authenticateClient, SECRET } from './support';

const REDIRECT_URI = 'https://app.example/callback';

/** An authorization server where a user is signed in. */
async function serve(): Promise<{ server: Server; issuer: string }> {
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = memoryStore();
  const { findRefreshToken, revokeGrant, isRevoked } = store;
  const { issueTokens, jwks } = createTokenIssuer({
    issuer,
    keys: [{ privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }],
    apis: [{ identifier: API, lifetime: 60, scopes: ['read:notes'], allowOfflineAccess: true }],
    store,
  });
  app.get('/authorize', async (req, res) => {
    const parsed = await parseAuthorizationRequest(req.query, {
      findClient: (clientId) => ({ clientId, redirectUris: [REDIRECT_URI] }),
      issuer,
    });
    if (parsed.kind !== 'request') return void res.status(400).send(parsed.error.error_description);
    const code = randomBytes(32).toString('base64url');
    const record = codeRecordOf(parsed.request, { userId: 'ann', authTime: new Date() });
    await store.saveCode(code, record);
    return authorizationResponse(res, parsed.request, { code });
  });
  const tokenRouter = createTokenRouter({ ...store.adapters, issueTokens, authenticateClient });
  const revocationRouter = createRevocationRouter({ authenticateClient, findRefreshToken, revokeGrant, issuer, jwks });
  const introspectionRouter = createIntrospectionRouter({
    authenticateClient,
    resourceServer: ({ clientId }) => (clientId === 'api' ? [API] : []),
    isRevoked,
    issuer,
    jwks,
  });
  const metadata = authorizationServerMetadata({
    issuer,
    tokenRouter,
    revocationRouter,
    introspectionRouter,
    jwks,
    members: {
      authorization_endpoint: `${issuer}/authorize`,
      scopes_supported: ['openid', 'read:notes', 'offline_access'],
    },
  });
  app.use(tokenRouter, revocationRouter, introspectionRouter, createMetadataRouter({ metadata, jwks }));
  return { server, issuer };
}

describe('An unmodified client', () => {
  let server: Server;
  let issuer = '';
  let seen: Record<string, { before: object; after: object; error: string }> = {};

  beforeAll(async () => {
    ({ server, issuer } = await serve());
    const given = JSON.stringify({ issuer, redirectUri: REDIRECT_URI, secret: SECRET });
    const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, 'clients.mjs'), given]);
    seen = JSON.parse(stdout);
  }, 300_000);
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each(['oauth4webapi', 'openid-client'])('%s discovers, logs in, refreshes, introspects and revokes', (library) => {
    expect(seen[library]?.before).toMatchObject({
      active: true,
      iss: issuer,
      aud: API,
      sub: 'ann',
      client_id: 'web',
      scope: 'openid read:notes offline_access',
      token_type: 'Bearer',
    });
    expect([seen[library]?.after, seen[library]?.error]).toEqual([{ active: false }, 'invalid_grant']);
  });
});
