import { createAuth0Client } from './sdk/auth0-spa-js.production.esm.js';

// It was: domain: 'my-tenant.eu.auth0.com'. Nothing else changes.
const auth0 = await createAuth0Client({
  domain: location.origin,
  clientId: 'spa',
  useRefreshTokens: true,
  cacheLocation: 'localstorage',
  authorizationParams: {
    redirect_uri: location.origin,
    audience: 'https://api.example.com',
    scope: 'openid profile email offline_access read:notes',
  },
});

const status = document.querySelector('#status');
const on = (id, act) =>
  document.querySelector(id).addEventListener('click', async () => {
    try {
      status.textContent = await act();
    } catch (error) {
      status.textContent = `${error.error}: ${error.message}`;
    }
  });
on('#login', () => auth0.loginWithRedirect());
on('#refresh', async () => {
  const { access_token } = await auth0.getTokenSilently({ cacheMode: 'off', detailedResponse: true });
  return `Refreshed: ${access_token.length > 0}`;
});
on('#revoke', async () => {
  await auth0.revokeRefreshToken();
  return 'Revoked';
});
on('#logout', () => auth0.logout({ logoutParams: { returnTo: location.origin } }));

if (new URLSearchParams(location.search).has('code')) {
  await auth0.handleRedirectCallback();
  history.replaceState({}, '', '/');
}
const user = await auth0.getUser();
status.textContent = user ? `${user.name}, ${user['https://example.com/plan']}` : 'Logged out';
