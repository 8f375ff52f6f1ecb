// HTML with everything escaped that is put into it, and a policy under which nothing else would run.
const { demoUsers } = require('./users');

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);

/** A piece of HTML. Only the tag below makes one, so a string can never pass for it. */
class Html {
  constructor(text) {
    this.text = text;
  }
}

function html(strings, ...values) {
  const show = (value) => {
    if (value instanceof Html) return value.text;
    if (Array.isArray(value)) return value.map(show).join('');
    return value === undefined || value === null || value === false ? '' : escapeHtml(value);
  };
  return new Html(String.raw({ raw: strings }, ...values.map(show)));
}

// No form-action: Chrome applies it to the redirect to the client as well.
const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Sends what one of the functions below returns. */
function sendPage(res, { title, body }, status = 200) {
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body class="sheet-page">
<main class="sheet">
${body}
</main>
</body>
</html>`;
  res
    .status(status)
    .set({
      'Content-Security-Policy': POLICY,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    .type('html')
    .send(page.text);
}

const headOf = (eyebrow, title, text) => html`<header class="sheet-head">
<p class="eyebrow">${eyebrow}</p>
<h1>${title}</h1>
${text && html`<p class="quiet">${text}</p>`}
</header>`;

function loginPage({ interaction, client, loginHint, hasFailed = false }) {
  const hidden = html`<input type="hidden" name="interaction" value="${interaction}">`;
  const body = html`${headOf('Demo authorization server', 'Sign in', html`Choose a demo user to go on to <strong>${client.name}</strong>.`)}
<ul class="people">
${demoUsers.map(
  ({ id, name, password }) => html`<li><form method="post" action="/login">
${hidden}<input type="hidden" name="username" value="${id}"><input type="hidden" name="password" value="${password}">
<button class="person"><span class="avatar" aria-hidden="true">${name[0]}</span>
<span class="person-text"><strong>${name}</strong><span class="quiet"><code>${id}</code> · <code>${password}</code></span></span></button>
</form></li>`,
)}
</ul>
<h2 class="divider"><span>or type a name and a password</span></h2>
${hasFailed && html`<p class="alert" role="alert" id="failed">This name and password do not match. Try again.</p>`}
<form method="post" action="/login" class="fields">
${hidden}
<label for="username">Name</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required value="${loginHint}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${
    hasFailed && html` aria-describedby="failed" autofocus`
  }>
<button class="button primary wide">Sign in</button>
</form>`;
  return { title: hasFailed ? 'Sign in: try again' : 'Sign in', body };
}

const SCOPES = {
  openid: 'Know that it is you',
  profile: 'See your name',
  email: 'See your e-mail address',
  'read:notes': 'Read your notes',
  'mcp:tools': 'Use your tools',
  offline_access: 'Stay signed in',
};

function consentPage({ interaction, client, user, step, scope }) {
  const asksForTerms = step === 'terms';
  const scopes = asksForTerms ? [] : (scope ?? '').split(' ').filter(Boolean);
  const title = asksForTerms ? 'Our terms have changed' : `Allow ${client.name}?`;
  const text = asksForTerms ? 'Accept them to go on. They say that this is a demo.' : 'It asks to:';
  const body = html`${headOf(`Signed in as ${user.name}`, title, text)}
${
  scopes.length > 0 &&
  html`<ul class="scopes">${scopes.map((each) => html`<li><span>${SCOPES[each] ?? each}</span><code>${each}</code></li>`)}</ul>`
}
<form method="post" action="/consent" class="choices">
<input type="hidden" name="interaction" value="${interaction}">
<button class="button primary" name="answer" value="yes">${asksForTerms ? 'Accept' : 'Allow'}</button>
<button class="button" name="answer" value="no">${asksForTerms ? 'Not now' : 'Do not allow'}</button>
</form>`;
  return { title, body };
}

function signOutPage({ token }) {
  const title = 'Sign out?';
  const body = html`${headOf('Demo authorization server', title, 'Every app that you have opened from here loses its tokens.')}
<form method="post" action="/oidc/logout" class="choices">
<input type="hidden" name="token" value="${token}">
<button class="button primary">Sign out</button><a class="button" href="/">Stay signed in</a>
</form>`;
  return { title, body };
}

function messagePage(title, text, { detail, hasLink = true } = {}) {
  const body = html`${headOf('Demo authorization server', title, text)}
${detail && html`<p class="notice">${detail}</p>`}
${hasLink && html`<p><a class="button" href="/">Go to the start page</a></p>`}`;
  return { title, body };
}

const errorPage = (text) => messagePage('This did not work', text);

/** For a request to /authorize whose client or address is in doubt: it is answered here, and nobody is sent there. */
const requestErrorPage = ({ error_description }) =>
  messagePage('This did not work', 'The app that sent you here made a mistake. You cannot sign in to it now.', {
    detail: `${error_description}.`,
  });

module.exports = { sendPage, loginPage, consentPage, signOutPage, messagePage, errorPage, requestErrorPage };
