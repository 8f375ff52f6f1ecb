import { Provider } from 'oidc-provider';
import { createCode, waitAsStore } from '../lib/codes.mjs';
import { toJwk } from '../lib/tokens.mjs';
import { AUDIENCE, CLIENT_ID, ISSUER, LIFETIME, PATH, REDIRECT_URI, USER } from '../lib/wire.mjs';

const SCOPE = 'openid read';

/** oidc-provider on `node:http`, which is faster than mounted in Express. It signs by itself. */
export async function createRig({ mode, key }) {
  const { Adapter, entries } = createAdapter();
  const isJwt = key.algorithm !== undefined;
  // It wants a key also where it signs nothing.
  const algorithm = key.algorithm ?? 'ES256';
  const provider = new Provider(ISSUER, {
    adapter: Adapter,
    clients: [
      {
        client_id: CLIENT_ID,
        redirect_uris: [REDIRECT_URI],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
      },
    ],
    routes: { token: PATH },
    scopes: ['openid', 'read'],
    jwks: { keys: [toJwk({ ...key, algorithm })] },
    clientDefaults: { id_token_signed_response_alg: algorithm },
    ttl: { AuthorizationCode: 600, AccessToken: LIFETIME, Grant: LIFETIME, IdToken: LIFETIME, RefreshToken: 86_400 },
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: () => false,
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: mode === 'dpop' },
      resourceIndicators: {
        enabled: isJwt,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience: AUDIENCE,
          scope: SCOPE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: LIFETIME,
          jwt: { sign: { alg: algorithm } },
        }),
      },
    },
  });

  const saveGrant = () => {
    const grant = new provider.Grant({ accountId: USER, clientId: CLIENT_ID });
    grant.addOIDCScope(SCOPE);
    if (isJwt) grant.addResourceScope(AUDIENCE, SCOPE);
    return grant.save();
  };
  const client = await provider.Client.find(CLIENT_ID);
  // Where no other rig makes an ID token, neither does this one.
  const scope = mode === 'rs256' ? SCOPE : 'read';

  async function prepare(count) {
    entries.clear();
    const grantId = await saveGrant();
    const codes = [];
    for (let made = 0; made < count; made += 1) {
      if (mode === 'refresh') {
        const refreshToken = new provider.RefreshToken({ accountId: USER, client, grantId, scope, rotations: 0 });
        codes.push({ refreshToken: await refreshToken.save() });
        continue;
      }
      const { codeVerifier, record } = createCode();
      const { AuthorizationCode } = provider;
      const code = new AuthorizationCode({
        accountId: USER,
        client,
        grantId,
        scope,
        redirectUri: REDIRECT_URI,
        codeChallenge: record.codeChallenge,
        codeChallengeMethod: 'S256',
        ...(isJwt && { resource: AUDIENCE }),
      });
      codes.push({ code: await code.save(), codeVerifier });
    }
    return codes;
  }

  return Object.assign(provider.callback(), { prepare });
}

/** Its own memory adapter forgets all but a thousand entries; this one forgets nothing but tokens, which nobody reads. */
function createAdapter() {
  const entries = new Map();

  class Adapter {
    constructor(model) {
      this.model = model;
    }
    async upsert(id, entry) {
      if (this.model !== 'AccessToken') entries.set(`${this.model}:${id}`, entry);
    }
    async find(id) {
      await waitAsStore();
      return entries.get(`${this.model}:${id}`);
    }
    async consume(id) {
      await waitAsStore();
      entries.get(`${this.model}:${id}`).consumed = Math.floor(Date.now() / 1000);
    }
    async destroy(id) {
      entries.delete(`${this.model}:${id}`);
    }
    async revokeByGrantId() {}
  }

  return { Adapter, entries };
}
