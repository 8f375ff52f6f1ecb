// One request, its answer, and what the operator saw of it.
import { decodeJwt, thumbprint } from './decode.mjs';
import { h } from './dom.mjs';

const INTERESTING =
  /^(?:authorization|content-type|dpop|dpop-nonce|auth0-client|www-authenticate|location|cache-control|retry-after)$/i;
const JWT = /ey[\w-]+\.ey[\w-]+\.[\w-]+/g;

export async function renderExchange(exchange) {
  const { method, url, status, outcome } = exchange;
  const jwts = await findJwts(exchange);
  const asked = new URLSearchParams(url.split('?')[1]).get('dpop_jkt'); // The code is for this key (RFC 9449 §10).
  const keys = new Set([asked, ...jwts.map(({ jkt }) => jkt)].filter(Boolean));
  return h(
    'article',
    { class: 'exchange' },
    exchangeTitle(exchange),
    h(
      'div',
      { class: 'sides' },
      side('Request', [`${method} ${pathOf(url)}`], exchange.requestFields, requestLines(exchange), keys),
      side(
        'Answer',
        [`${status}`],
        exchange.responseFields,
        bodyLines(exchange.responseBody, exchange.responseFields),
        keys,
      ),
      h(
        'div',
        { class: 'side operator' },
        h('h4', {}, 'The operator saw'),
        outcome ? renderOutcome(outcome) : h('p', { class: 'quiet' }, 'Nothing: this is not the token endpoint.'),
      ),
    ),
    jwts.length > 0 && h('div', { class: 'jwts' }, ...jwts.map((jwt) => renderJwt(jwt, keys))),
  );
}

export function exchangeTitle({ method, url, status, outcome }) {
  const prompt = new URLSearchParams(url.split('?')[1]).get('prompt');
  return h(
    'p',
    { class: 'exchange-title' },
    h('span', { class: `pill ${kindOf(status)}` }, String(status)),
    h('code', {}, `${method} ${pathOf(url)}`),
    outcome && h('span', { class: 'reason' }, outcome.reason),
    prompt && h('span', { class: 'reason' }, `prompt=${prompt}`),
  );
}

export const kindOf = (status) => (status < 400 ? 'good' : 'bad');
const pathOf = (url) => url.split('?')[0];

function side(title, first, fields, body, keys) {
  const lines = fields.map(([name, value]) =>
    h(
      'span',
      { class: INTERESTING.test(name) ? 'line' : 'line boring' },
      h('span', { class: 'name' }, `${name}: `),
      showValue(shorten(value), keys),
    ),
  );
  return h(
    'div',
    { class: 'side' },
    h('h4', {}, title),
    h(
      'pre',
      {},
      ...first.map((line) => h('span', { class: 'line first' }, line)),
      ...lines,
      ...(body.length > 0 ? [h('span', { class: 'line gap' }, ' ')] : []),
      ...body.map(([name, value]) =>
        h('span', { class: 'line' }, name && h('span', { class: 'name' }, name), showValue(value, keys)),
      ),
    ),
  );
}

/** Of a GET the parameters of its URL. */
function requestLines({ url, requestBody, requestFields }) {
  const query = url.split('?')[1];
  if (query !== undefined) return parameterLines(query);
  return bodyLines(requestBody, requestFields);
}

const parameterLines = (text) => [...new URLSearchParams(text)].map(([name, value]) => [`${name}=`, shorten(value)]);

function bodyLines(text, fields) {
  if (text === '') return [];
  const [, type = ''] = fields.find(([name]) => /^content-type$/i.test(name)) ?? [];
  if (!type.includes('json')) return parameterLines(text);
  const members = Object.entries(JSON.parse(text));
  return members.map(([name, value]) => [
    `${name}: `,
    shorten(typeof value === 'string' ? value : JSON.stringify(value)),
  ]);
}

/** A token is a wall of text; what is in it stands below. */
const shorten = (text) => text.replace(/[\w.-]{90,}/g, (long) => `${long.slice(0, 20)}…${long.slice(-8)}`);

/** Random text fills its lines, and breaks nowhere earlier: its hyphens mean nothing. */
const RANDOM = /^[\w.~+=…-]{30,}$/;
const showValue = (text, keys) => h('span', { class: RANDOM.test(text) ? 'random' : undefined }, ...marked(text, keys));

/** Marks the thumbprints in a text. */
function marked(text, keys) {
  const found = [...keys].filter((key) => text.includes(key));
  if (found.length === 0) return [text];
  return text
    .split(new RegExp(`(${found.join('|')})`))
    .map((part) => (keys.has(part) ? h('mark', { class: 'key' }, part) : part));
}

async function findJwts({ requestFields, requestBody, responseBody }) {
  const sources = [
    ...requestFields.filter(([name]) => /^(?:dpop|authorization)$/i.test(name)),
    ['request', requestBody],
    ['answer', responseBody],
  ];
  const found = sources.flatMap(([source, text]) => [...text.matchAll(JWT)].map(([jwt]) => ({ source, jwt })));
  return Promise.all(
    found.map(async ({ source, jwt }) => {
      const { header = {}, payload = {} } = decodeJwt(jwt) ?? {};
      const jkt = header.jwk ? await thumbprint(header.jwk) : payload.cnf?.jkt;
      const title = header.jwk ? 'DPoP proof' : header.typ === 'at+jwt' ? 'Access token' : 'ID token';
      return { title, source, header, payload, jkt };
    }),
  );
}

function renderJwt({ title, header, payload, jkt }, keys) {
  const json = (value) =>
    h(
      'pre',
      {},
      ...JSON.stringify(value, null, 2)
        .split('\n')
        .map((line) => jsonLine(line, keys)),
    );
  return h(
    'details',
    { class: 'jwt' },
    h(
      'summary',
      {},
      h('strong', {}, title),
      jkt
        ? h('span', {}, header.jwk ? 'signed by key ' : 'bound to key ', h('mark', { class: 'key' }, jkt))
        : h('span', { class: 'quiet' }, 'bound to no key'),
    ),
    h(
      'div',
      { class: 'jwt-parts' },
      h('div', {}, h('h5', {}, 'Header'), json(header)),
      h('div', {}, h('h5', {}, 'Claims'), json(payload)),
    ),
  );
}

/** A line that is too long goes on further to the right than it began. */
function jsonLine(line, keys) {
  const depth = Math.min(line.search(/\S/) / 2, 2);
  // A URL breaks after a slash, and other words at the end of the line.
  const parts = line.includes('://') ? line.split(/(?<=[^/:]\/)(?=\w)/).flatMap((part) => [h('wbr'), part]) : [];
  const isOneWord = parts.length === 0 && !/\s/.test(line.trim().replace('": ', ''));
  const content = parts.length > 0 ? parts : marked(line, keys);
  return h('span', { class: `json-line depth-${depth} ${isOneWord ? 'random' : ''}` }, ...content);
}

function renderOutcome({ outcome, reason, status, error, clientId, durationMs }) {
  const rows = { outcome, reason, error, status, client: clientId, took: `${durationMs} ms` };
  return h(
    'dl',
    { class: 'outcome' },
    ...Object.entries(rows)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) =>
        h(
          'div',
          {},
          h('dt', {}, name),
          h('dd', { class: name === 'outcome' ? `is-${value}` : undefined }, String(value)),
        ),
      ),
  );
}
