/** A small generator of random numbers (mulberry32): the same seed brings the same bytes on every machine. */
export function createRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit) => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)],
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
    times: (limit, make) => Array.from({ length: below(limit + 1) }, make),
  };
}

const NAMES = [
  ...[
    'grant_type',
    'client_id',
    'code',
    'code_verifier',
    'redirect_uri',
    'refresh_token',
    'scope',
    'resource',
    'audience',
  ],
  ...[
    'client_secret',
    'client_assertion',
    'client_assertion_type',
    'token',
    'token_type_hint',
    'code[]',
    'code[a][b]',
    '',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    '0',
    '__proto__[a]',
    'constructor[prototype][a]',
  ],
];
const VALUES = [
  ...[
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'spa',
    'web',
    '',
    ' ',
    '\0',
    'ü',
    '%',
    '%zz',
    '%00',
    '+',
  ],
  ...['dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', 'https://app.example/callback', 'https://api.example/'],
  ...[
    'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    'a.b.c',
    'eyJhbGciOiJub25lIn0.e30.',
    '[object Object]',
    'null',
  ],
];
const JSON_VALUES = [null, true, 0, -1, 1e308, '', [], {}, [[]], { a: 1 }, ['spa'], { length: -1 }, '\ud800'];
const PATHS = [
  ...['/oauth/token', '/oauth/token', '/oauth/token', '/parsed/oauth/token', '/oauth/revoke', '/oauth/introspect'],
  ...[
    '/oauth/token/',
    '/OAuth/token',
    '//oauth/token',
    '/oauth/%74oken',
    '/oauth/token?code=x',
    '/oauth/token?%',
    '*',
    '/',
  ],
  ...['http://auth.example/oauth/token', '/oauth/../oauth/token', '/oauth/token#a', '/\0', `/${'a'.repeat(9000)}`],
];
const METHODS = [
  'POST',
  'POST',
  'POST',
  'POST',
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'PATCH',
  'DELETE',
  'CONNECT',
  'TRACE',
  'post',
  'X',
  '',
];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2', 'ICY', ''];
const TYPES = [
  ...[
    'application/x-www-form-urlencoded',
    'application/json',
    'application/json;charset=utf-16',
    'text/plain',
    'a',
    '/',
    '',
  ],
  ...[
    'multipart/form-data; boundary=a',
    'application/json; charset="',
    'application/x-www-form-urlencoded;charset=latin1',
  ],
];
const FIELDS = [
  ...[
    'Content-Type',
    'Content-Length',
    'Transfer-Encoding',
    'Content-Encoding',
    'Authorization',
    'DPoP',
    'Origin',
    'Host',
  ],
  ...[
    'Expect',
    'Connection',
    'Upgrade',
    'Accept',
    'Cookie',
    'Sec-Fetch-Site',
    'Sec-Fetch-Mode',
    'X-Forwarded-For',
    'Trailer',
  ],
  ...[
    'Access-Control-Request-Method',
    'Access-Control-Request-Headers',
    'If-None-Match',
    'Range',
    'TE',
    '__proto__',
    'a',
  ],
];
const FIELD_VALUES = [
  ...[
    '',
    '0',
    '1',
    '-1',
    '1e9',
    '99999999999999999999',
    '0x10',
    'chunked',
    'gzip',
    'identity, chunked',
    'gzip, chunked',
    'br',
  ],
  ...[
    'Basic',
    'Basic ',
    'Basic OmE=',
    'Basic d2ViOmE=',
    'Basic d2ViJTAwOmE=',
    'Basic ====',
    'Bearer a',
    'DPoP a',
    'Digest a',
  ],
  ...[
    'a.b.c',
    'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2In0.e30.AAAA',
    'null',
    'https://app.example',
    'https://evil.example',
  ],
  ...[
    '100-continue',
    'close',
    'keep-alive',
    'upgrade',
    'websocket',
    'h2c',
    'cross-site',
    'navigate',
    'no-cors',
    '*',
    'POST',
  ],
  ...['203.0.113.1', '::1', 'bytes=0-0', 'a'.repeat(9000), 'ü', '\x01', '"', 'a, b', 'a\r\n b'],
];

const encode = (text) => encodeURIComponent(text.isWellFormed() ? text : '').replaceAll('%20', '+');

/** Requests that nobody sends by mistake: each `{ parts, delayMs, ending }`, to be written one part after another. */
export function createGenerator(random) {
  const { below, chance, pick, bytes, times } = random;
  const text = () => (chance(0.7) ? pick(VALUES) : bytes(below(40)).toString('latin1'));
  const pair = () =>
    `${chance(0.8) ? encode(pick(NAMES)) : text()}${chance(0.95) ? '=' : ''}${chance(0.8) ? encode(text()) : text()}`;
  const good = (code) => ({
    grant_type: 'authorization_code',
    client_id: 'spa',
    code,
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    redirect_uri: 'https://app.example/callback',
  });
  const json = (depth = 0) => {
    if (depth > 2 || chance(0.4)) return chance(0.5) ? pick(JSON_VALUES) : text();
    if (chance(0.3)) return times(4, () => json(depth + 1));
    return Object.fromEntries(times(5, () => [pick(NAMES), json(depth + 1)]));
  };

  const forms = [
    (code) => new URLSearchParams(good(code)).toString(),
    (code) => [...(chance(0.5) ? [new URLSearchParams(good(code)).toString()] : []), ...times(8, pair)].join('&'),
    () => times(2000, () => 'a').join('&'),
    () => 'a'.repeat(below(40_000)),
    () => `a${'[a]'.repeat(below(3000))}=b`,
  ];
  const documents = [
    (code) => JSON.stringify({ ...good(code), ...(chance(0.5) ? Object(json()) : {}) }),
    () => JSON.stringify(json()),
    () => '['.repeat(below(9000)),
    () => '{"a":'.repeat(below(3000)),
    (code) => `\ufeff${JSON.stringify(good(code))}`,
    (code) => JSON.stringify(good(code)).slice(0, below(200)),
    () => `{"code":"\\ud800","client_id":${'9'.repeat(below(400))}}`,
  ];

  function request(code) {
    const isJson = chance(0.4);
    const body = chance(0.1) ? bytes(below(400)) : Buffer.from(pick(isJson ? documents : forms)(code));
    const type = chance(0.8) ? TYPES[isJson ? 1 : 0] : pick(TYPES);
    const fields = [`Content-Type: ${type}`, ...times(4, () => `${pick(FIELDS)}: ${pick(FIELD_VALUES)}`)];
    if (chance(0.9)) fields.push('Host: auth.example');
    if (chance(0.02)) fields.push(...times(2500, () => 'A: b'));
    let sent = body;
    if (chance(0.2)) {
      fields.push('Transfer-Encoding: chunked');
      const size = chance(0.9) ? body.length.toString(16) : pick(['', '-1', 'zz', 'ffffffffffffffff', '5;a=b', '0']);
      sent = Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from(chance(0.9) ? '\r\n0\r\n\r\n' : '\r\n')]);
    } else if (chance(0.95)) {
      fields.push(
        `Content-Length: ${chance(0.9) ? body.length : pick([0, 1, body.length + 1, body.length + 9999, -1, 'a'])}`,
      );
    }
    const end = chance(0.97) ? '\r\n' : '\n';
    const line = `${chance(0.8) ? 'POST' : pick(METHODS)} ${chance(0.7) ? '/oauth/token' : pick(PATHS)} ${chance(0.9) ? 'HTTP/1.1' : pick(VERSIONS)}`;
    const order = chance(0.5) ? fields : fields.toReversed();
    return Buffer.concat([Buffer.from([line, ...order, '', ''].join(end), 'latin1'), sent]);
  }

  function mutate(whole) {
    let changed = whole;
    for (const _ of times(4, () => 0)) {
      const at = below(changed.length + 1);
      const [before, after] = [changed.subarray(0, at), changed.subarray(at)];
      changed = pick([
        () => Buffer.concat([before, bytes(below(8)), after]),
        () => Buffer.concat([before, after.subarray(below(20))]),
        () => Buffer.concat([before, after.subarray(0, below(60)), after]),
        () => Buffer.concat([before, Buffer.from(pick(['\r\n', '\n', '\r', '\0', ':', ' ', '\r\n\r\n', '%'])), after]),
      ])();
    }
    return changed;
  }

  return function make(code) {
    const requests = Array.from({ length: chance(0.85) ? 1 : 1 + below(4) }, () => request(code));
    const joined = Buffer.concat(requests);
    const whole = chance(0.4) ? mutate(joined) : joined;
    const cut = chance(0.05) ? whole.subarray(0, below(whole.length)) : whole;
    const parts = [];
    for (let at = 0; at < cut.length; ) {
      const length = parts.length < 5 && chance(0.2) ? 1 + below(200) : cut.length;
      parts.push(cut.subarray(at, at + length));
      at += length;
    }
    const ending = chance(0.9) ? 'half' : pick(['reset', 'open']);
    return { parts, delayMs: chance(0.05) ? below(30) : 0, ending };
  };
}
