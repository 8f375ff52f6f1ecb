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

function sendPage(res, body, status = 200) {
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${status < 400 ? 'Sign in' : 'Sign in: something is wrong'}</title>
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

function loginPage({ interaction, client, loginHint, hasFailed = false }) {
  const hidden = html`<input type="hidden" name="interaction" value="${interaction}">`;
  return html`<header class="sheet-head">
<p class="eyebrow">Demo authorization server</p>
<h1>Sign in</h1>
<p class="quiet">to go on to <strong>${client.name}</strong></p>
</header>
${hasFailed && html`<p class="alert" role="alert">This name and password do not match. Try again.</p>`}
<form method="post" action="/login" class="fields">
${hidden}
<label for="username">Name</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required value="${loginHint}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button class="button primary wide">Sign in</button>
</form>
<h2 class="divider"><span>or as a demo user</span></h2>
<ul class="people">
${demoUsers.map(
  ({ id, name, password }) => html`<li><form method="post" action="/login">
${hidden}<input type="hidden" name="username" value="${id}"><input type="hidden" name="password" value="${password}">
<button class="person"><span class="avatar" aria-hidden="true">${name[0]}</span>
<span class="person-text"><strong>${name}</strong><span class="quiet"><code>${id}</code> · <code>${password}</code></span></span></button>
</form></li>`,
)}
</ul>`;
}

const SCOPES = {
  openid: 'Know that it is you',
  profile: 'See your name',
  email: 'See your e-mail address',
  'read:notes': 'Read your notes',
  'mcp:tools': 'Use your tools',
  offline_access: 'Stay signed in when you are away (refresh tokens)',
};

function consentPage({ interaction, client, user, step, scope }) {
  const asksForTerms = step === 'terms';
  return html`<header class="sheet-head">
<p class="eyebrow">Signed in as ${user.name}</p>
<h1>${asksForTerms ? 'Our terms have changed' : html`Allow ${client.name}?`}</h1>
<p class="quiet">${asksForTerms ? 'Accept them to go on. They say that this is a demo.' : 'It asks to:'}</p>
</header>
${
  !asksForTerms &&
  html`<ul class="scopes">${(scope ?? '')
    .split(' ')
    .filter(Boolean)
    .map((each) => html`<li><span>${SCOPES[each] ?? each}</span><code>${each}</code></li>`)}</ul>`
}
<form method="post" action="/consent" class="choices">
<input type="hidden" name="interaction" value="${interaction}">
<button class="button primary" name="answer" value="yes">${asksForTerms ? 'Accept' : 'Allow'}</button>
<button class="button" name="answer" value="no">${asksForTerms ? 'Not now' : 'Do not allow'}</button>
</form>`;
}

function signOutPage({ token }) {
  return html`<header class="sheet-head"><h1>Sign out?</h1>
<p class="quiet">Every app that you have opened from here loses its tokens.</p></header>
<form method="post" action="/oidc/logout" class="choices">
<input type="hidden" name="token" value="${token}">
<button class="button primary">Sign out</button><a class="button" href="/">Stay signed in</a>
</form>`;
}

function messagePage(title, text) {
  return html`<header class="sheet-head"><h1>${title}</h1><p>${text}</p></header>
<p><a class="button" href="/">Go to the demo</a></p>`;
}

const errorPage = (text) => messagePage('This did not work', text);

module.exports = { sendPage, loginPage, consentPage, signOutPage, messagePage, errorPage };
