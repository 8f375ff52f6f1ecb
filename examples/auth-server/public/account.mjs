// The single-page app: Auth0's SDK as npm has it, told only where the server is.

import { byId, h, workButton } from './dom.mjs';
import { listen } from './live.mjs';
import { createAuth0Client } from './sdk/auth0-spa-js.production.esm.js';

const { origin } = location;
const options = {
  domain: origin,
  clientId: 'spa',
  useDpop: true,
  useRefreshTokens: true,
  useRefreshTokensFallback: true, // After a reload the memory is empty: a hidden frame asks with prompt=none.
  workerUrl: '/sdk/auth0-spa-js.worker.production.js',
  authorizationParams: {
    redirect_uri: `${origin}/`,
    audience: `${origin}/api`,
    scope: 'openid profile email offline_access read:notes',
  },
};

let auth0;

/** The other client of this page may have opened the session: the server knows the user, and only this app does not. */
let hasSession = false;
listen(({ url, status }) => {
  if (url === '/login' && status < 400) hasSession = true;
  if (/^\/(?:v2|oidc)\/logout/.test(url)) hasSession = false;
  byId('account-hint')?.replaceChildren(hint());
});
const hint = () =>
  hasSession
    ? 'The server knows you by now: it asks for no password.'
    : 'Three demo users wait on the next page. One click each.';

export async function renderAccount() {
  const place = byId('account');
  try {
    auth0 = await createAuth0Client(options);
    await finishRedirect();
  } catch (error) {
    say(error.error_description ?? error.message, true);
  }
  await render(place);
}

/** The answer of a redirect stands in the URL, once. */
async function finishRedirect() {
  const query = new URLSearchParams(location.search);
  if (!query.has('state') || !(query.has('code') || query.has('error'))) return;
  try {
    await auth0.handleRedirectCallback();
  } finally {
    history.replaceState(null, '', '/');
  }
}

async function render(place) {
  const user = await auth0?.getUser();
  place.setAttribute('aria-busy', 'false');
  place.replaceChildren(...(user ? signedIn(user) : signedOut(place)));
}

function signedOut(place) {
  return [
    h(
      'div',
      { class: 'account-text' },
      h('p', { class: 'account-name' }, 'You are signed out'),
      h('p', { class: 'quiet', id: 'account-hint' }, hint()),
    ),
    h(
      'div',
      { class: 'buttons' },
      workButton('Sign in', () => attempt(() => auth0.loginWithRedirect()), { kind: 'primary' }),
      workButton('Use a pop-up', () => attempt(() => auth0.loginWithPopup(), place, 'Signed in by the pop-up.')),
    ),
  ];
}

function signedIn(user) {
  return [
    h('span', { class: 'avatar', 'aria-hidden': 'true' }, user.name[0]),
    h(
      'div',
      { class: 'account-text' },
      h('p', { class: 'account-name' }, user.name),
      h('p', { class: 'quiet' }, user.email),
    ),
    h(
      'div',
      { class: 'buttons' },
      workButton('Call the API', () => attempt(callApi), { kind: 'primary' }),
      workButton('Refresh', () => attempt(refresh)),
      workButton('Renew silently', () => attempt(renewSilently)),
      workButton('Sign out', () => attempt(() => auth0.logout({ logoutParams: { returnTo: `${origin}/` } }))),
    ),
  ];
}

async function callApi() {
  const answer = await auth0.createFetcher({ dpopNonceId: 'api' }).fetchWithAuth(`${origin}/api/notes`);
  const { notes } = await answer.json();
  return `The API answered with ${notes.length} notes: ${notes[0]}`;
}

async function refresh() {
  const { expires_in } = await auth0.getTokenSilently({ cacheMode: 'off', detailedResponse: true });
  return `Refreshed. The new access token lives for ${expires_in} seconds.`;
}

/** Another client of the SDK without refresh tokens: it can only use the hidden frame. */
async function renewSilently() {
  const other = await createAuth0Client({
    ...options,
    useRefreshTokens: false,
    workerUrl: undefined,
    authorizationParams: { ...options.authorizationParams, scope: 'openid profile email read:notes' },
  });
  const { expires_in } = await other.getTokenSilently({ cacheMode: 'off', detailedResponse: true });
  return `Renewed by a hidden frame. The new access token lives for ${expires_in} seconds.`;
}

async function attempt(work, place, done) {
  say('');
  try {
    say((await work()) ?? done ?? '');
  } catch (error) {
    say(error.error_description ?? error.message, true);
  }
  if (place) await render(place);
}

function say(text, isBad = false) {
  const status = byId('account-status');
  status.textContent = text;
  status.classList.toggle('bad', isBad);
}
