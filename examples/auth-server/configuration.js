// What this server knows before anybody asks: its name, its clients, its API and its users.
const { createHash } = require('node:crypto');

const port = Number(process.env.PORT ?? 3000);
// In a container: HOST=0.0.0.0. Then publish the port to this machine only: it is a demo, and shows tokens.
const host = process.env.HOST ?? '127.0.0.1';
// Behind a proxy that ends TLS: ISSUER=https://auth.example/
const issuer = process.env.ISSUER ?? `http://localhost:${port}/`;
const { origin } = new URL(issuer);
const isSecure = issuer.startsWith('https:');
/** On https no sibling subdomain can set a cookie of this name: it would choose whose session a browser has. */
const cookieNameOf = (name) => (isSecure ? `__Host-${name}` : name);
const api = {
  identifier: `${origin}/api`,
  lifetime: 600,
  scopes: ['read:notes'],
  allowOfflineAccess: true,
};
const scopes = ['openid', 'profile', 'email', 'offline_access', ...api.scopes];

// Never publish the secret of a client. These two are published: they guard nothing but a demo.
const secretHash = (secret) => `sha256:${createHash('sha256').update(secret).digest('base64url')}`;
const ownPage = { redirectUris: [`${origin}/`], webOrigins: [origin], logoutUris: [`${origin}/`] };
const loopback = ['http://127.0.0.1/callback', 'http://localhost/callback'];

const clients = new Map(
  [
    { clientId: 'spa', name: 'Notes', tokenEndpointAuthMethod: 'none', ...ownPage },
    { clientId: 'by-hand', name: 'Notes, by hand', tokenEndpointAuthMethod: 'none', ...ownPage },
    {
      clientId: 'native',
      name: 'A native app',
      tokenEndpointAuthMethod: 'none',
      applicationType: 'native',
      redirectUris: loopback,
      logoutUris: [],
    },
    {
      clientId: 'web-basic',
      name: 'A web app (client_secret_basic)',
      tokenEndpointAuthMethod: 'client_secret_basic',
      clientSecretHash: secretHash('demo-secret-of-web-basic'),
      applicationType: 'native', // So that it may run on any port of this machine. A real web app has one exact URL.
      redirectUris: loopback,
      logoutUris: ['http://localhost/'],
    },
    {
      clientId: 'web-post',
      name: 'A web app (client_secret_post)',
      tokenEndpointAuthMethod: 'client_secret_post',
      clientSecretHash: secretHash('demo-secret-of-web-post'),
      applicationType: 'native',
      redirectUris: loopback,
      logoutUris: [],
    },
  ].map((client) => [client.clientId, client]),
);

module.exports = {
  port,
  host,
  issuer,
  origin,
  isSecure,
  cookieNameOf,
  api,
  scopes,
  audiences: [api.identifier],
  findClient: (clientId) => clients.get(clientId) ?? null,
};
