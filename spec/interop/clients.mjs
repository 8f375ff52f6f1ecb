import { createServer } from 'node:http';
import { register } from 'node:module';
import { AuthClient } from '@auth0/auth0-auth-js';
import {
  OAuth2Client as BadgatewayClient,
  generateCodeVerifier as generateBadgatewayVerifier,
} from '@badgateway/oauth2-client';
import * as mcpClient from '@modelcontextprotocol/client';
import { exchangeAuthorization, refreshAuthorization } from '@modelcontextprotocol/sdk/client/auth.js';
import { OAuth2Client as ArcticClient, CodeChallengeMethod, generateCodeVerifier } from 'arctic';
import express from 'express';
import expressOpenidConnect from 'express-openid-connect';
import session from 'express-session';
import * as oauth from 'oauth4webapi';
import { InMemoryWebStorage, OidcClient, WebStorageStateStore } from 'oidc-client-ts';
import * as openid from 'openid-client';
import passport from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import { AuthTokenRefresh } from 'passport-oauth2-refresh';
import { AuthorizationCode } from 'simple-oauth2';
import { browse, OTHER_VERIFIER, redirectUri, SCOPES, scope, signIn } from './browser.mjs';

/** Serves an app on a loopback port while something is done with it. */
async function withApp(createApp, work) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://localhost:${server.address().port}`;
  server.on('request', createApp(baseUrl));
  try {
    return await work(baseUrl);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** What a client tells of an error, all of it. */
export function describe(error) {
  const { message, error: code, error_description, data, cause } = error;
  return [...new Set([message, code, error_description, data?.payload?.error, cause?.error])]
    .filter(Boolean)
    .join('; ');
}

/** Each logs in, refreshes where it can, and meets a refusal: the promise of a token, or an error. */
export const CLIENTS = {
  async oauth4webapi({ issuer }) {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
    const client = { client_id: 'native' };
    const key = await oauth.generateKeyPair('ES256');
    const DPoP = oauth.DPoP(client, key);
    const redeem = async (more) => {
      const verifier = oauth.generateRandomCodeVerifier();
      const query = { client_id: 'native', redirect_uri: redirectUri, response_type: 'code', scope, state: 'a' };
      const challenge = await oauth.calculatePKCECodeChallenge(verifier);
      const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
      const url = await signIn(`${as.authorization_endpoint}?${new URLSearchParams({ ...query, ...pkce })}`);
      const parameters = oauth.validateAuthResponse(as, client, url, 'a');
      const send = () =>
        oauth.authorizationCodeGrantRequest(as, client, oauth.None(), parameters, redirectUri, more ?? verifier, {
          DPoP,
          ...insecure,
        });
      const read = async () => oauth.processAuthorizationCodeResponse(as, client, await send());
      return read().catch((error) => (oauth.isDPoPNonceError(error) ? read() : Promise.reject(error)));
    };
    return {
      login: () => redeem(),
      refresh: async ({ refresh_token }) =>
        oauth.processRefreshTokenResponse(
          as,
          client,
          await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refresh_token, { DPoP, ...insecure }),
        ),
      refusal: () => redeem(OTHER_VERIFIER),
    };
  },

  async 'openid-client'({ issuer }) {
    const execute = { execute: [openid.allowInsecureRequests] };
    const config = await openid.discovery(
      issuer,
      'web-post',
      'demo-secret-of-web-post',
      openid.ClientSecretPost('demo-secret-of-web-post'),
      execute,
    );
    const redeem = async (other) => {
      const verifier = openid.randomPKCECodeVerifier();
      const code_challenge = await openid.calculatePKCECodeChallenge(verifier);
      const query = {
        redirect_uri: redirectUri,
        scope,
        code_challenge,
        code_challenge_method: 'S256',
        nonce: 'a nonce',
      };
      const url = await signIn(openid.buildAuthorizationUrl(config, query));
      return openid.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: other ?? verifier,
        expectedNonce: 'a nonce',
      });
    };
    return {
      login: () => redeem(),
      refresh: ({ refresh_token }) => openid.refreshTokenGrant(config, refresh_token),
      refusal: () => redeem(OTHER_VERIFIER),
    };
  },

  async 'oidc-client-ts'({ issuer }) {
    const stateStore = new WebStorageStateStore({ store: new InMemoryWebStorage() });
    const settings = { authority: issuer.href, client_id: 'native', redirect_uri: redirectUri, scope, stateStore };
    const client = new OidcClient({ ...settings, loadUserInfo: true });
    const go = async () => (await signIn((await client.createSigninRequest({})).url)).href;
    return {
      login: async () => client.processSigninResponse(await go()),
      refresh: (tokens) =>
        client.useRefreshToken({ state: { ...tokens, session_state: null, profile: tokens.profile } }),
      refusal: async () => client.processSigninResponse((await go()).replace(/code=[^&]+/, 'code=guessed')),
    };
  },

  async 'simple-oauth2'({ issuer }) {
    const client = new AuthorizationCode({
      client: { id: 'web-basic', secret: 'demo-secret-of-web-basic' },
      auth: { tokenHost: issuer.origin, tokenPath: '/oauth/token', authorizePath: '/authorize' },
    });
    const redeem = async (other) => {
      const verifier = oauth.generateRandomCodeVerifier();
      const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
      const query = { redirect_uri: redirectUri, scope, state: 'a', code_challenge, code_challenge_method: 'S256' };
      const code = (await signIn(client.authorizeURL(query))).searchParams.get('code');
      return client.getToken({ code, redirect_uri: redirectUri, code_verifier: other ?? verifier });
    };
    return {
      login: async () => (await redeem()).token,
      refresh: async (token) => (await client.createToken(token).refresh()).token,
      refusal: () => redeem(OTHER_VERIFIER),
    };
  },

  async arctic({ issuer }) {
    const client = new ArcticClient('web-basic', 'demo-secret-of-web-basic', redirectUri);
    const token = `${issuer.origin}/oauth/token`;
    const read = (tokens) => ({ access_token: tokens.accessToken(), refresh_token: tokens.refreshToken() });
    const redeem = async (other) => {
      const verifier = generateCodeVerifier();
      const url = client.createAuthorizationURLWithPKCE(
        `${issuer.origin}/authorize`,
        'a',
        CodeChallengeMethod.S256,
        verifier,
        SCOPES,
      );
      const code = (await signIn(url)).searchParams.get('code');
      return read(await client.validateAuthorizationCode(token, code, other ?? verifier));
    };
    return {
      login: () => redeem(),
      refresh: async ({ refresh_token }) => read(await client.refreshAccessToken(token, refresh_token, [])),
      refusal: () => redeem(OTHER_VERIFIER),
    };
  },

  async '@badgateway/oauth2-client'({ issuer }) {
    const client = new BadgatewayClient({
      server: issuer.href,
      clientId: 'native',
      discoveryEndpoint: '/.well-known/oauth-authorization-server',
    });
    const read = ({ accessToken, refreshToken }) => ({ access_token: accessToken, refresh_token: refreshToken });
    const redeem = async (other) => {
      const codeVerifier = await generateBadgatewayVerifier();
      const url = await signIn(
        await client.authorizationCode.getAuthorizeUri({ redirectUri, state: 'a', codeVerifier, scope: SCOPES }),
      );
      return read(
        await client.authorizationCode.getTokenFromCodeRedirect(url, {
          redirectUri,
          state: 'a',
          codeVerifier: other ?? codeVerifier,
        }),
      );
    };
    return {
      login: () => redeem(),
      refresh: async ({ refresh_token }) =>
        read(await client.refreshToken({ refreshToken: refresh_token, accessToken: '', expiresAt: null })),
      refusal: () => redeem(OTHER_VERIFIER),
    };
  },

  async '@openid/appauth'({ issuer }) {
    // Its files are for bundlers: they import each other without extensions.
    register('./extensionless.mjs', import.meta.url);
    const appauth = await import('@openid/appauth');
    const { NodeCrypto, NodeRequestor } = await import('@openid/appauth/built/src/node_support/index.js');
    const requestor = new NodeRequestor();
    const server = await appauth.AuthorizationServiceConfiguration.fetchFromIssuer(issuer.origin, requestor);
    const tokens = new appauth.BaseTokenRequestHandler(requestor);
    const send = async (request) => {
      const client = { client_id: 'native', redirect_uri: redirectUri };
      const got = await tokens.performTokenRequest(server, new appauth.TokenRequest({ ...client, ...request }));
      return { access_token: got.accessToken, refresh_token: got.refreshToken };
    };
    const redeem = async (other) => {
      const request = new appauth.AuthorizationRequest(
        { response_type: 'code', client_id: 'native', redirect_uri: redirectUri, scope },
        new NodeCrypto(),
      );
      await request.setupCodeVerifier();
      const utils = new appauth.BasicQueryStringUtils();
      const storage = new appauth.LocalStorageBackend(new InMemoryWebStorage());
      const callback = await new Promise((resolve) => {
        const handler = new appauth.RedirectRequestHandler(storage, utils, { assign: resolve }, new NodeCrypto());
        handler.performAuthorizationRequest(server, request);
      }).then(signIn);
      const { code, state } = utils.parseQueryString(callback.search.slice(1));
      if (state !== request.state) throw new Error(`The state is ${state}`);
      const extras = { code_verifier: other ?? request.internal.code_verifier };
      return send({ grant_type: appauth.GRANT_TYPE_AUTHORIZATION_CODE, code, extras });
    };
    return {
      login: () => redeem(),
      refresh: ({ refresh_token }) => send({ grant_type: appauth.GRANT_TYPE_REFRESH_TOKEN, refresh_token }),
      refusal: () => redeem(OTHER_VERIFIER),
    };
  },

  async '@auth0/auth0-auth-js'({ secureIssuer }) {
    const client = new AuthClient({
      domain: secureIssuer.host,
      clientId: 'web-post',
      clientSecret: 'demo-secret-of-web-post',
      authorizationParams: { redirect_uri: redirectUri, scope },
    });
    const read = ({ accessToken, refreshToken }) => ({ access_token: accessToken, refresh_token: refreshToken });
    const redeem = async (other) => {
      const { authorizationUrl, codeVerifier } = await client.buildAuthorizationUrl();
      const callback = await signIn(authorizationUrl);
      return read(await client.getTokenByCode(callback, { codeVerifier: other ?? codeVerifier }));
    };
    return {
      login: () => redeem(),
      refresh: async ({ refresh_token }) => read(await client.getTokenByRefreshToken({ refreshToken: refresh_token })),
      refusal: () => redeem(OTHER_VERIFIER),
    };
  },

  async 'passport-oauth2'({ issuer }) {
    const refresher = new AuthTokenRefresh();
    const run = (spoil) =>
      withApp(
        (baseUrl) => {
          const app = express();
          const strategy = new OAuth2Strategy(
            {
              authorizationURL: `${issuer.origin}/authorize`,
              tokenURL: `${issuer.origin}/oauth/token`,
              clientID: 'web-post',
              clientSecret: 'demo-secret-of-web-post',
              callbackURL: `${baseUrl}/callback`,
              scope: SCOPES,
              pkce: true,
              state: true,
            },
            (access_token, refresh_token, _profile, done) => done(null, { access_token, refresh_token }),
          );
          const own = new passport.Passport();
          own.use('demo', strategy);
          refresher.use('demo', strategy);
          app.use(session({ secret: 'a secret', resave: false, saveUninitialized: false }));
          app.get('/login', own.authenticate('demo', { session: false }));
          app.get('/callback', spoil, own.authenticate('demo', { session: false }), (req, res) => res.json(req.user));
          app.use((error, _req, res, _next) => res.status(500).json({ message: error.message, code: error.code }));
          return app;
        },
        async (baseUrl) => {
          const { status, text } = await browse(`${baseUrl}/login`, {});
          const got = JSON.parse(text);
          if (status !== 200) throw Object.assign(new Error(got.message), { error: got.code });
          return got;
        },
      );
    return {
      login: () => run((_req, _res, next) => next()),
      refresh: ({ refresh_token }) =>
        new Promise((resolve, reject) => {
          refresher.requestNewAccessToken('demo', refresh_token, (error, access_token) =>
            error ? reject(error) : resolve({ access_token }),
          );
        }),
      refusal: () =>
        run((req, _res, next) => {
          Object.defineProperty(req, 'query', { value: { ...req.query, code: 'guessed' } });
          next();
        }),
    };
  },

  async 'express-openid-connect'({ issuer }) {
    const run = (spoil) =>
      withApp(
        (baseURL) => {
          const app = express();
          app.get('/callback', spoil);
          app.use(
            expressOpenidConnect.auth({
              issuerBaseURL: issuer.href,
              baseURL,
              clientID: 'web-basic',
              clientSecret: 'demo-secret-of-web-basic',
              secret: 'a secret that is long enough for it',
              authRequired: true,
              authorizationParams: { response_type: 'code', scope },
            }),
          );
          app.get('/', async (req, res) => {
            const { access_token } = req.oidc.accessToken;
            const refreshed = await req.oidc.accessToken.refresh();
            res.json({ access_token, refreshed: refreshed.access_token, sub: req.oidc.user.sub });
          });
          app.use((error, _req, res, _next) => {
            const { error: code, error_description } = error;
            res.status(500).json({ message: error.message, error: code, error_description });
          });
          return app;
        },
        async (baseUrl) => {
          const { status, text } = await browse(`${baseUrl}/`, {});
          const got = JSON.parse(text);
          if (status !== 200) throw Object.assign(new Error(got.message), got);
          return got;
        },
      );
    return {
      login: () => run((_req, _res, next) => next()),
      refresh: async ({ refreshed }) => ({ access_token: refreshed }),
      refusal: () =>
        run((req, _res, next) => {
          req.url = req.url.replace(/code=[^&]+/, 'code=guessed');
          req.originalUrl = req.url;
          next();
        }),
    };
  },

  '@modelcontextprotocol/sdk': (context) => mcp(context, { exchangeAuthorization, refreshAuthorization }),
  '@modelcontextprotocol/client': (context) => mcp(context, mcpClient),
};

/** Both SDKs of MCP have the same functions. */
async function mcp({ issuer }, { exchangeAuthorization: exchange, refreshAuthorization: refreshTokens }) {
  const metadata = await (await fetch(`${issuer.origin}/.well-known/oauth-authorization-server`)).json();
  const shared = { metadata, clientInformation: { client_id: 'native' } };
  const redeem = async (other) => {
    const codeVerifier = oauth.generateRandomCodeVerifier();
    const code_challenge = await oauth.calculatePKCECodeChallenge(codeVerifier);
    const query = { client_id: 'native', redirect_uri: redirectUri, response_type: 'code', scope, code_challenge };
    const url = await signIn(
      `${metadata.authorization_endpoint}?${new URLSearchParams({ ...query, code_challenge_method: 'S256' })}`,
    );
    const authorizationCode = url.searchParams.get('code');
    return exchange(issuer.href, {
      ...shared,
      authorizationCode,
      codeVerifier: other ?? codeVerifier,
      redirectUri,
      iss: url.searchParams.get('iss'),
    });
  };
  return {
    login: () => redeem(),
    refresh: ({ refresh_token }) => refreshTokens(issuer.href, { ...shared, refreshToken: refresh_token }),
    refusal: () => redeem(OTHER_VERIFIER),
  };
}
