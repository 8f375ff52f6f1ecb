import { createHash, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import request from 'supertest';
import { createDpopVerifier } from '../../lib/dpop';
import { memoryJtis } from '../../lib/stores/memory';
import { checkTokenResponse, createDpopProver, type ExpectedTokens, tokenEndpoint } from '../../lib/testing';
import { CODE, CODE_VERIFIER } from '../support/endpoint';
import { API, createIssuerEndpoint, ISSUER } from '../support/issuer';

const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' };
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key 1' }] };
/** The instant at which the tokens of the tables are looked at. */
const NOW = Date.UTC(2026, 10, 27, 12) / 1000;
const seconds = () => Math.floor(Date.now() / 1000);
const hashOf = (token: string, size = 256) => {
  const digest = createHash(`sha${size}`).update(token).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
};

const accessClaims = () => ({
  iss: ISSUER,
  sub: 'user 1',
  aud: API as unknown,
  client_id: 'spa',
  iat: seconds() as unknown,
  exp: (seconds() + 600) as unknown,
  jti: 'one',
  scope: 'openid read:notes offline_access' as string | undefined,
});
const idClaims = () => ({
  iss: ISSUER,
  sub: 'user 1',
  aud: 'spa' as unknown,
  iat: seconds(),
  exp: seconds() + 600,
  nonce: 'n',
});

const sign = (claims: object, header: object = { typ: 'at+jwt' }) =>
  jwt.sign(JSON.parse(JSON.stringify(claims)), privateKey, {
    algorithm: 'ES256',
    noTimestamp: Reflect.get(claims, 'iat') === undefined,
    header: { alg: 'ES256', kid: 'key 1', ...header },
  });

interface Different {
  body?: object;
  access?: object;
  header?: object;
  id?: object | null;
  idHeader?: object;
}

/** A response that is right but for what is given. */
function respond({ body = {}, access = {}, header, id = {}, idHeader = { typ: 'JWT' } }: Different = {}) {
  const accessToken = sign({ ...accessClaims(), ...access }, header);
  const idToken = id && sign({ ...idClaims(), at_hash: hashOf(accessToken), ...id }, idHeader);
  const tokens = { access_token: accessToken, token_type: 'Bearer', expires_in: 600, refresh_token: 'r' };
  return { status: 200, headers, body: { ...tokens, ...(idToken !== null && { id_token: idToken }), ...body } };
}

const expected: ExpectedTokens = {
  issuer: ISSUER,
  clientId: 'spa',
  userId: 'user 1',
  nonce: 'n',
  jkt: null,
  scope: 'openid read:notes offline_access',
  resources: [API],
  jwks,
};

const messageOf = (run: () => void) => {
  try {
    run();
  } catch (thrown) {
    return String((thrown as Error).message);
  }
  return '';
};
const judge = (different: Different, more: ExpectedTokens = {}) =>
  messageOf(() => checkTokenResponse(respond(different), { ...expected, ...more }));

describe('checkTokenResponse passes tokens', () => {
  it('that are what was granted', () => {
    expect(judge({})).toBe('');
    expect(judge({ body: { scope: 'openid read:notes offline_access' } }, { refreshToken: true })).toBe('');
  });

  it('for which nothing is expected but that they are sound', () => {
    expect(messageOf(() => checkTokenResponse(respond(), {}))).toBe('');
  });

  it('that are opaque', () => {
    const body = { access_token: 'random' };
    expect(judge({ body, id: null }, { scope: 'read:notes offline_access', accessToken: 'opaque' })).toBe('');
  });

  it('whose scope leaves out what means nothing to an API', () => {
    expect(judge({ access: { scope: 'read:notes' } })).toBe('');
    const nothing = { access: { scope: undefined }, id: null, body: { refresh_token: 'r' } };
    expect(judge(nothing, { scope: null, refreshToken: true })).toBe('');
  });

  it.each(['ES256', 'RS256', 'EdDSA'])('of the ready issuer, bound to a key, by %s', async (alg) => {
    const pairs = {
      ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
      EdDSA: () => generateKeyPairSync('ed25519'),
    };
    const key = pairs[alg as keyof typeof pairs]().privateKey;
    const url = 'https://auth.example/oauth/token';
    const prover = createDpopProver();
    const { app, jwks: own } = createIssuerEndpoint({
      issuer: { keys: [{ kid: 'a', privateKey: key }] },
      router: { verifyDpop: createDpopVerifier(memoryJtis()), tokenEndpoint: url },
      code: { nonce: 'n' },
    });
    const endpoint = tokenEndpoint(request(app), { prover, tokenEndpoint: url });
    const response = await endpoint.redeem({ code: CODE, codeVerifier: CODE_VERIFIER });
    checkTokenResponse(response, { ...expected, jkt: prover.jkt, jwks: own(), refreshToken: true });
    const refreshed = await endpoint.refresh({ refreshToken: response.body.refresh_token, scope: 'read:notes' });
    checkTokenResponse(refreshed, {
      ...expected,
      scope: 'read:notes',
      jkt: prover.jkt,
      jwks: own(),
      refreshToken: true,
    });
  });
});

/** The problems that are found at noon. */
const problemsOf = (different: Different, more: ExpectedTokens = {}) => {
  jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000 + 999);
  const message = judge(different, more);
  const [title = '', ...lines] = message.split('\n');
  if (message !== '' && !title.endsWith('wrong with the token response:')) return [message];
  return lines.slice(0, -1).map((line) => line.replace('  - ', ''));
};

afterEach(() => jest.restoreAllMocks());

const NO_CNF =
  'access_token: there is no cnf.jkt, so whoever steals the token can use it. Write the claim cnf: exchange.confirmation (RFC 9449 §6.1)';
const OTHER_CNF =
  'access_token: cnf.jkt is not the thumbprint of the key that signed the proof. Write the claim cnf: exchange.confirmation (RFC 9449 §6.1)';
const CNF_OF_NOBODY =
  "access_token: cnf.jkt is 'b', and no proof was sent. Write cnf only if there is an exchange.confirmation";
const NO_PROOF = "token_type is 'DPoP', and no proof was expected";
const A_PROOF =
  "token_type is 'Bearer', and a proof was sent. Give createTokenRouter verifyDpop and tokenEndpoint (RFC 9449 §5)";
const DPOP = { token_type: 'DPoP' };
const bound = (jkt: unknown) => ({ cnf: { jkt } });
const without = (claim: string) => ({ [claim]: undefined });
const DAY = 86_400;
const UNIT = 'Write a number: seconds since 1970, not milliseconds';
const EXPIRED =
  ': the token has expired. Write the time of issue and the lifetime: Math.floor(Date.now() / 1000) + 300 (RFC 7519 §4.1.4)';
const TIME_OF_ISSUE = 'Write the time of issue: Math.floor(Date.now() / 1000) (RFC 7519 §4.1.6)';
const ONE_IS_WRONG =
  'One of them is wrong: decide how long a token is to live, and write that for both (RFC 6749 §5.1)';
const NO_SIGNATURE = (name: string) =>
  `${name}: alg is 'none', so that anybody can make such a token. Sign it with your private key (RFC 8725 §3.2)`;
const UNREADABLE = (alg: string) =>
  `access_token: alg is '${alg}', and the claims or the signature cannot be read. Write a compact JWS, such as jwt.sign() of jsonwebtoken makes it (RFC 7515 §7.1)`;
const NO_JWT = "access_token is no JWT. If it is meant to be opaque, expect accessToken: 'opaque'";
const textOf = (header: object, ...more: string[]) =>
  [Buffer.from(JSON.stringify(header)).toString('base64url'), ...more].join('.');
const FOR_OTHERS =
  'Write the client alone into aud: clients refuse an ID token for others (OpenID Connect Core §3.1.3.7)';
const unsigned = (header: object, claims: object) =>
  [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('AAAA')
    .join('.');

describe('checkTokenResponse says what is wrong, and what to do', () => {
  it.each<[string, Different, ExpectedTokens, string[]]>([
    [
      'another issuer',
      { access: { iss: 'https://x.example' } },
      {},
      [
        "access_token: iss is 'https://x.example', and 'https://auth.example/' was expected. Write your issuer identifier, as your metadata has it (RFC 8414 §2)",
      ],
    ],
    [
      'another issuer of the ID token',
      { id: { iss: 'https://x.example' } },
      {},
      [
        "id_token: iss is 'https://x.example', and 'https://auth.example/' was expected. Write your issuer identifier, as your metadata has it (RFC 8414 §2)",
      ],
    ],
    [
      'another user',
      { access: { sub: 'x' }, id: { sub: 'x' } },
      {},
      [
        "access_token: sub is 'x', and 'user 1' was expected. Write the user of the record",
        "id_token: sub is 'x', and 'user 1' was expected. Write the user of the record",
      ],
    ],
    [
      'two users',
      { id: { sub: 'x' } },
      { userId: undefined },
      ["id_token: sub is 'x', and that of the access token 'user 1'. Both name the user (OpenID Connect Core §2)"],
    ],
    [
      'another client',
      { access: { client_id: 'x' } },
      {},
      ["access_token: client_id is 'x', and 'spa' was expected. Write exchange.client.clientId (RFC 9068 §2.2)"],
    ],
    [
      'another audience',
      { access: { aud: 'https://x.example' } },
      {},
      [
        "access_token: aud is 'https://x.example', and 'https://api.example/' was granted. Name the API that was asked for: exchange.resources, or the audience of the record (RFC 9068 §3)",
      ],
    ],
    [
      'an audience too many',
      { access: { aud: [API, 'urn:x'] } },
      {},
      [
        "access_token: aud is 'https://api.example/', 'urn:x', and 'https://api.example/' was granted. Name the API that was asked for: exchange.resources, or the audience of the record (RFC 9068 §3)",
      ],
    ],
    [
      'one of two audiences',
      { access: { aud: [API, API] } },
      { resources: [API, 'urn:x'] },
      [
        "access_token: aud is 'https://api.example/', 'https://api.example/', and 'https://api.example/', 'urn:x' was granted. Name the API that was asked for: exchange.resources, or the audience of the record (RFC 9068 §3)",
      ],
    ],
    ...['iss', 'sub', 'client_id', 'exp', 'iat', 'jti', 'aud'].map(
      (claim): [string, Different, ExpectedTokens, string[]] => [
        `no ${claim}`,
        { access: without(claim), id: null },
        { issuer: undefined, userId: undefined, clientId: undefined, resources: undefined, scope: undefined },
        [`access_token: there is no ${claim}. RFC 9068 §2.2 requires it`],
      ],
    ),
    ...['iss', 'sub', 'aud', 'exp', 'iat'].map((claim): [string, Different, ExpectedTokens, string[]] => [
      `no ${claim} of the ID token`,
      { id: without(claim) },
      { issuer: undefined, userId: undefined, clientId: undefined, accessToken: 'opaque' },
      [`id_token: there is no ${claim}. OpenID Connect Core §2 requires it`],
    ]),
    [
      'the typ of another JWT',
      { header: { typ: 'JWT' } },
      {},
      [
        "access_token: typ is 'JWT'. Write at+jwt, so that no ID token passes for one (RFC 9068 §2.1). If it is intended, expect typ: 'JWT'",
      ],
    ],
    [
      'no typ',
      { header: { typ: undefined } },
      { typ: 'JWT' },
      ["access_token: typ is undefined, and 'JWT' was expected (RFC 7519 §5.1)"],
    ],
    [
      'no typ, where it says what the token is',
      { header: { typ: undefined } },
      {},
      ['access_token: typ is undefined. Write at+jwt, so that no ID token passes for one (RFC 9068 §2.1)'],
    ],
    [
      'an ID token that is optional, and nobody asked for',
      { access: { scope: 'read:notes' } },
      { idToken: 'optional', scope: 'read:notes offline_access' },
      [
        "there is an id_token, and the scope is 'read:notes offline_access'. Return one if and only if the scope has openid (OpenID Connect Core §3.1.3.3)",
      ],
    ],
    [
      'a wider scope',
      { access: { scope: 'openid read:notes write:notes admin' } },
      {},
      [
        "access_token: scope has 'write:notes admin', which nobody granted. Issue the scope of the record, or of exchange.scope for a refresh token (RFC 6749 §3.3)",
      ],
    ],
    [
      'a narrower scope',
      { access: { scope: 'openid' } },
      {},
      [
        "access_token: scope lacks 'read:notes', which was granted. If that is intended, expect the scope that you issue",
      ],
    ],
    [
      'no scope, where two are granted',
      { access: { scope: undefined }, id: null },
      { scope: 'read:notes write:notes offline_access' },
      [
        "access_token: scope lacks 'read:notes write:notes', which was granted. If that is intended, expect the scope that you issue",
      ],
    ],
    [
      'a wider scope beside it',
      { body: { scope: 'openid read:notes offline_access x' } },
      {},
      [
        "scope has 'x', which nobody granted. Issue the scope of the record, or of exchange.scope for a refresh token (RFC 6749 §3.3)",
      ],
    ],
    [
      'a narrower scope beside it',
      { body: { scope: 'read:notes' } },
      {},
      ["scope lacks 'openid offline_access', which was granted. If that is intended, expect the scope that you issue"],
    ],
    ['no cnf', { body: DPOP }, { jkt: 'a' }, [NO_CNF]],
    ['no cnf, where it is not said whether there was a proof', { body: DPOP }, { jkt: undefined }, [NO_CNF]],
    ['a cnf that is null', { body: DPOP, access: { cnf: null } }, { jkt: 'a' }, [NO_CNF]],
    ['the cnf of another key', { body: DPOP, access: bound('b') }, { jkt: 'a' }, [OTHER_CNF]],
    ['a cnf without a proof', { access: bound('b') }, {}, [CNF_OF_NOBODY]],
    ['a cnf in a Bearer token', { access: bound('b') }, { jkt: undefined }, [CNF_OF_NOBODY]],
    ['Bearer for a proof', { access: bound('a') }, { jkt: 'a' }, [A_PROOF]],
    ['Bearer and no cnf for a proof', {}, { jkt: 'a' }, [A_PROOF, OTHER_CNF]],
    ['DPoP without a proof', { body: DPOP }, {}, [NO_PROOF, NO_CNF]],
    ['DPoP with a cnf without a proof', { body: DPOP, access: bound('b') }, {}, [NO_PROOF, CNF_OF_NOBODY]],
    [
      'milliseconds',
      { access: { exp: (NOW + 600) * 1000, iat: NOW * 1000 }, body: { expires_in: 600_000 } },
      {},
      [
        `access_token: exp is ${(NOW + 600) * 1000}, and now it is ${NOW}. ${UNIT} (RFC 7519 §4.1.4)`,
        `access_token: iat is ${NOW * 1000}, and now it is ${NOW}. ${UNIT} (RFC 7519 §4.1.6)`,
      ],
    ],
    [
      'an exp in milliseconds, and only that',
      { access: { exp: (NOW + 600) * 1000 } },
      {},
      [`access_token: exp is ${(NOW + 600) * 1000}, and now it is ${NOW}. ${UNIT} (RFC 7519 §4.1.4)`],
    ],
    [
      'an exp in thousands of seconds',
      { access: { exp: Math.floor(NOW / 1000) + 1 } },
      {},
      [`access_token: exp is ${Math.floor(NOW / 1000) + 1}, and now it is ${NOW}. ${UNIT} (RFC 7519 §4.1.4)`],
    ],
    [
      'a token that ends now',
      { access: { exp: NOW, iat: NOW - 60 }, body: { expires_in: 60 } },
      {},
      [`access_token: exp is ${NOW}, and now it is ${NOW}${EXPIRED}`],
    ],
    [
      'a token that ends in a thousand million seconds',
      { access: { exp: NOW + 1e9 } },
      {},
      [`access_token: exp is ${NOW + 1e9}, and now it is ${NOW}. ${UNIT} (RFC 7519 §4.1.4)`],
    ],
    [
      'a token of ten years',
      { access: { exp: NOW + 3650 * DAY }, body: { expires_in: 3650 * DAY } },
      {},
      [
        `access_token: exp is ${NOW + 3650 * DAY}, and now it is ${NOW}: the token lives 3650 days. Write 366 days at most; minutes are usual (RFC 7519 §4.1.4)`,
      ],
    ],
    [
      'a token that lives a second too long',
      { access: { exp: NOW + 366 * DAY + 1 }, body: { expires_in: 366 * DAY + 1 } },
      {},
      [
        `access_token: exp is ${NOW + 366 * DAY + 1}, and now it is ${NOW}: the token lives 366 days. Write 366 days at most; minutes are usual (RFC 7519 §4.1.4)`,
      ],
    ],
    [
      'an ID token of a year',
      { id: { exp: NOW + 365 * DAY } },
      {},
      [
        `id_token: exp is ${NOW + 365 * DAY}, and now it is ${NOW}: the token lives 365 days. Write 31 days at most; minutes are usual (RFC 7519 §4.1.4)`,
      ],
    ],
    [
      'an ID token that is over',
      { id: { exp: NOW - 1 } },
      {},
      [`id_token: exp is ${NOW - 1}, and now it is ${NOW}${EXPIRED}`],
    ],
    [
      'an ID token of a minute and a second ago',
      { id: { iat: NOW - 61 } },
      {},
      [`id_token: iat is ${NOW - 61}, and now it is ${NOW}, which is 61 s ago. ${TIME_OF_ISSUE}`],
    ],
    [
      'an ID token of later',
      { id: { iat: NOW + 61 } },
      {},
      [`id_token: iat is ${NOW + 61}, and now it is ${NOW}, which is 61 s ahead. ${TIME_OF_ISSUE}`],
    ],
    ...(
      [
        [2 * 3600, '2 h ahead'],
        [2 * 3600 + 60, '2 h ahead'],
        [-5.5 * 3600, '5.5 h ago'],
        [5.75 * 3600 - 60, '5.75 h ahead'],
        [-900, '0.25 h ago'],
        [14 * 3600 + 60, '14 h ahead'],
      ] as const
    ).map(([ahead, distance]): [string, Different, ExpectedTokens, string[]] => [
      `the time of a zone: ${ahead}`,
      { access: { iat: NOW + ahead, exp: NOW + ahead + 40_000 }, body: { expires_in: 40_000 } },
      {},
      [
        `access_token: iat is ${NOW + ahead}, and now it is ${NOW}, which is ${distance}, as if a local time were taken for UTC. ${TIME_OF_ISSUE}`,
      ],
    ]),
    ...[2 * 3600 + 61, 839, -961, 14.25 * 3600, 14 * 3600 + 61].map(
      (ahead): [string, Different, ExpectedTokens, string[]] => [
        `the time of no zone: ${ahead}`,
        { access: { iat: NOW + ahead, exp: NOW + ahead + 40_000 }, body: { expires_in: 40_000 } },
        {},
        [
          `access_token: iat is ${NOW + ahead}, and now it is ${NOW}, which is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead' : 'ago'}. ${TIME_OF_ISSUE}`,
        ],
      ],
    ),
    [
      'a token that is good later',
      { access: { nbf: NOW + 3600 } },
      {},
      [
        `access_token: nbf is ${NOW + 3600}, and now it is ${NOW}, which is 1 h ahead, as if a local time were taken for UTC: no API accepts the token before. Leave nbf out, or write the time of issue (RFC 7519 §4.1.5)`,
      ],
    ],
    [
      'a token that is good in a minute and a second',
      { access: { nbf: NOW + 61 } },
      {},
      [
        `access_token: nbf is ${NOW + 61}, and now it is ${NOW}, which is 61 s ahead: no API accepts the token before. Leave nbf out, or write the time of issue (RFC 7519 §4.1.5)`,
      ],
    ],
    [
      'an ID token that is good later, in milliseconds',
      { id: { nbf: NOW * 1000 } },
      {},
      [`id_token: nbf is ${NOW * 1000}, and now it is ${NOW}. ${UNIT} (RFC 7519 §4.1.5)`],
    ],
    [
      'a lifetime that is two seconds longer',
      { body: { expires_in: 602 } },
      {},
      [`expires_in is 602, and exp of the access token is 600 s after its iat. ${ONE_IS_WRONG}`],
    ],
    [
      'a lifetime that is two seconds shorter',
      { body: { expires_in: 598 } },
      {},
      [`expires_in is 598, and exp of the access token is 600 s after its iat. ${ONE_IS_WRONG}`],
    ],
    [
      'a key that is not published',
      { header: { typ: 'at+jwt', kid: 'key 2' } },
      {},
      [
        "access_token: kid is 'key 2', and jwks has no such key. Publish the public half of each key that signs (RFC 7517 §4.5)",
      ],
    ],
    [
      'a key of the ID token that is not published',
      { idHeader: { typ: 'JWT', kid: 'key 2' } },
      {},
      [
        "id_token: kid is 'key 2', and jwks has no such key. Publish the public half of each key that signs (RFC 7517 §4.5)",
      ],
    ],
    ['no JWT', { body: { access_token: 'random' }, id: null }, { scope: 'read:notes offline_access' }, [NO_JWT]],
    ...(
      [
        ['no signature', textOf({ alg: 'none' }, 'e30', ''), NO_SIGNATURE('access_token')],
        ['no third part', textOf({ alg: 'none' }, 'e30'), NO_SIGNATURE('access_token')],
        ['NONE in capitals', textOf({ alg: 'NoNe' }, 'e30', 'AAAA'), NO_SIGNATURE('access_token')],
        ['a signature that was cut off', textOf({ alg: 'RS256' }, 'e30', ''), UNREADABLE('RS256')],
        ['claims that are no JSON', textOf({ alg: 'RS256' }, 'AAAA', 'AAAA'), UNREADABLE('RS256')],
        ['an alg that is a number, and no claims', textOf({ alg: 7 }, ''), UNREADABLE('7')],
        ['an alg that ends like none', textOf({ alg: 'xnone' }, 'e30', ''), UNREADABLE('xnone')],
        ['an alg that begins like none', textOf({ alg: 'nonex' }, 'e30', ''), UNREADABLE('nonex')],
        ['a header without alg, and no signature', textOf({}, 'e30', ''), NO_JWT],
        ['five parts', textOf({ alg: 'RSA-OAEP' }, 'AAAA', 'AAAA', 'AAAA', 'AAAA'), NO_JWT],
        ['a part and a dot', 'random.', NO_JWT],
        ['the alg none in one part', textOf({ alg: 'none' }), NO_JWT],
      ] as const
    ).map(([what, access_token, problem]): [string, Different, ExpectedTokens, string[]] => [
      what,
      { body: { access_token }, id: null },
      { scope: 'read:notes offline_access' },
      [problem],
    ]),
    [
      'an ID token for others too',
      { id: { aud: ['spa', 'x'] } },
      {},
      [`id_token: aud is 'spa', 'x', and azp is undefined. ${FOR_OTHERS}`],
    ],
    [
      'an ID token that another client asked for',
      { id: { aud: ['spa', 'x'], azp: 'x' } },
      {},
      [`id_token: aud is 'spa', 'x', and azp is 'x'. ${FOR_OTHERS}`],
    ],
    [
      'an ID token of one audience that another client asked for',
      { id: { azp: 'x' } },
      {},
      [`id_token: aud is 'spa', and azp is 'x'. ${FOR_OTHERS}`],
    ],
    [
      'no ID token',
      { id: null },
      {},
      [
        "there is no id_token, and the scope is 'openid read:notes offline_access'. Return one if and only if the scope has openid (OpenID Connect Core §3.1.3.3)",
      ],
    ],
    [
      'an ID token without openid',
      { access: { scope: 'read:notes' } },
      { scope: 'read:notes offline_access' },
      [
        "there is an id_token, and the scope is 'read:notes offline_access'. Return one if and only if the scope has openid (OpenID Connect Core §3.1.3.3)",
      ],
    ],
    [
      'an ID token that is no JWT',
      { body: { id_token: 'random' } },
      {},
      ['id_token is no JWT (OpenID Connect Core §2)'],
    ],
    [
      'no nonce',
      { id: { nonce: undefined } },
      {},
      [
        "id_token: nonce is undefined, and 'n' was expected. Save the nonce of the authorization request with the code, and write it if and only if there was one (OpenID Connect Core §3.1.3.7)",
      ],
    ],
    [
      'a nonce of nobody',
      {},
      { nonce: null },
      [
        "id_token: nonce is 'n', and undefined was expected. Save the nonce of the authorization request with the code, and write it if and only if there was one (OpenID Connect Core §3.1.3.7)",
      ],
    ],
    [
      'the ID token of another client',
      { id: { aud: ['x'] } },
      {},
      ["id_token: aud is an array of 1, and 'spa' was expected. Write the client (OpenID Connect Core §2)"],
    ],
    [
      'the hash of another token',
      { id: { at_hash: hashOf('another') } },
      {},
      ['id_token: at_hash is not the hash of this access token (OpenID Connect Core §3.1.3.6)'],
    ],
    [
      'a refresh token without offline_access',
      { access: { scope: 'openid read:notes' } },
      { scope: 'openid read:notes' },
      ['there is a refresh_token, and the scope has no offline_access (OpenID Connect Core §11)'],
    ],
    [
      'a refresh token that is not expected',
      {},
      { refreshToken: false },
      ['there is a refresh_token, and none was expected'],
    ],
  ])('%s', (_what, different, more, problems) => {
    expect(problemsOf(different, more)).toEqual(problems);
  });

  it('a refresh token that is missing', () => {
    const { refresh_token, ...body } = respond().body;
    expect(refresh_token).toBe('r');
    const check = () => checkTokenResponse({ status: 200, headers, body }, { ...expected, refreshToken: true });
    expect(messageOf(check)).toBe(
      'This is wrong with the token response:\n  - there is no refresh_token. Return one from issueTokens (RFC 6749 §5.1)\nSee docs/guides/testing.md#what-checktokenresponse-says',
    );
  });

  it.each<[string, object]>([
    [
      'another key',
      { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'key 1' },
    ],
    ['what is no key', { kty: 'EC', kid: 'key 1' }],
  ])('a signature that does not verify, where jwks has %s', (_what, key) => {
    expect(problemsOf({}, { jwks: { keys: [key] } })).toEqual(
      ['access_token', 'id_token'].map(
        (name) => `${name}: the signature does not verify with the key 'key 1' of jwks. Publish the key that signs`,
      ),
    );
  });

  it('tokens that are not signed, although they have a third part', () => {
    const { access_token } = respond().body;
    const header = { alg: 'none', typ: 'at+jwt', kid: 'key 1' };
    const tokens = {
      access_token: unsigned(header, { ...accessClaims(), exp: NOW + 600, iat: NOW }),
      id_token: unsigned(header, { ...idClaims(), exp: NOW + 600, iat: NOW, at_hash: hashOf(access_token) }),
    };
    expect(problemsOf({ body: tokens })).toEqual([NO_SIGNATURE('access_token'), NO_SIGNATURE('id_token')]);
  });

  it.each([
    ['exp', NOW + 600, 4],
    ['nbf', NOW, 5],
    ['iat', NOW, 6],
  ])('a time that is a text: %s', (claim, time, section) => {
    const claims = { ...accessClaims(), exp: NOW + 600, iat: NOW, scope: 'read:notes', [claim]: String(time) };
    const body = { access_token: unsigned({ alg: 'ES256', typ: 'at+jwt' }, claims) };
    expect(problemsOf({ body, id: null }, { scope: 'read:notes offline_access', jwks: undefined })).toEqual([
      `access_token: ${claim} is '${time}', and now it is ${NOW}. ${UNIT} (RFC 7519 §4.1.${section})`,
    ]);
  });

  it.each(['HS256', 'toString'])('an algorithm that no public key verifies: %s', (alg) => {
    const access_token = unsigned(
      { alg, typ: 'at+jwt', kid: 'key 1' },
      { ...accessClaims(), exp: NOW + 600, iat: NOW, scope: 'read:notes' },
    );
    expect(problemsOf({ body: { access_token }, id: null }, { scope: 'read:notes offline_access' })).toEqual([
      `access_token: alg is '${alg}', and no key of jwks verifies that. Sign with a private key, by RS256, ES256 or EdDSA (RFC 7518 §3.1)`,
    ]);
  });

  it('everything at once, and where to read on', () => {
    const message = judge({ access: { iss: 'x', aud: 'y' }, id: { nonce: 'z' } });
    expect(message.split('\n')).toEqual([
      'These 3 things are wrong with the token response:',
      expect.stringContaining('access_token: aud'),
      expect.stringContaining('access_token: iss'),
      expect.stringContaining('id_token: nonce'),
      'See docs/guides/testing.md#what-checktokenresponse-says',
    ]);
  });

  it('a refusal, where tokens were expected', () => {
    const body = { error: 'invalid_grant', error_description: 'Invalid authorization code' };
    const check = () => checkTokenResponse({ status: 400, headers, body }, expected);
    expect(messageOf(check)).toBe(
      'This is wrong with the token response:\n  - status is 400 (invalid_grant: Invalid authorization code), and tokens were expected\nSee docs/guides/testing.md#what-checktokenresponse-says',
    );
  });
});

describe('checkTokenResponse passes at noon', () => {
  it.each<[string, Different, ExpectedTokens]>([
    ['a token that ends in a second', { access: { exp: NOW + 1, iat: NOW - 59 }, body: { expires_in: 60 } }, {}],
    ['an access token of a leap year', { access: { exp: NOW + 366 * DAY }, body: { expires_in: 366 * DAY } }, {}],
    ['an ID token of a month', { id: { exp: NOW + 31 * DAY } }, {}],
    ['a token that is good since a while', { access: { nbf: NOW - 3600 }, id: { nbf: NOW } }, {}],
    ['a token that is good in a minute', { access: { nbf: NOW + 60 } }, {}],
    ['tokens of a minute ago', { access: { iat: NOW - 60 }, id: { iat: NOW - 60 }, body: { expires_in: 660 } }, {}],
    ['tokens of a clock that is a minute ahead', { access: { iat: NOW + 60 }, body: { expires_in: 540 } }, {}],
    ['a lifetime that is a second longer', { body: { expires_in: 601 } }, {}],
    ['a lifetime that is a second shorter', { body: { expires_in: 599 } }, {}],
    ['audiences in another order', { access: { aud: ['urn:x', API] } }, { resources: [API, 'urn:x'] }],
    ['an ID token for several clients that this one asked for', { id: { aud: ['x', 'spa'], azp: 'spa' } }, {}],
    ['an ID token for a list of one client', { id: { aud: ['spa'] } }, {}],
    ['an ID token without at_hash', { id: { at_hash: undefined } }, {}],
    ['an ID token without a nonce', { id: { nonce: undefined } }, { nonce: null }],
    ['a nonce that is not compared', {}, { nonce: undefined }],
    ['a token that is bound', { body: DPOP, access: bound('a') }, { jkt: 'a' }],
    ['a token that is bound, where it is not said to what', { body: DPOP, access: bound('a') }, { jkt: undefined }],
    ['a token that is not bound, where it is not said whether it is', {}, { jkt: undefined }],
    [
      'an access token without the scopes of OpenID Connect',
      { access: { scope: 'read:notes' } },
      { scope: 'openid profile email address phone offline_access read:notes' },
    ],
    [
      'a refresh token that is expected without offline_access',
      { access: { scope: 'openid read:notes' } },
      { scope: 'openid read:notes', refreshToken: true },
    ],
    ['a JWT, where that is the typ of access tokens', { header: { typ: 'JWT' } }, { typ: 'JWT' }],
    ['no ID token, where it is optional', { id: null }, { idToken: 'optional' }],
    ['an ID token, where it is optional', {}, { idToken: 'optional' }],
    ['the typ of an access token in its long form', { header: { typ: 'application/at+jwt' } }, {}],
  ])('%s', (_what, different, more) => {
    expect(problemsOf(different, more)).toEqual([]);
  });

  it.each([
    ['ES256', 256],
    ['RS384', 384],
    ['PS512', 512],
    ['EdDSA', 512],
    ['Ed25519', 512],
    ['XEd', 256],
    ['ES2560', 256],
    ['ES1256', 256],
  ])('the hash of an access token that belongs to %s', (alg, size) => {
    const id_token = unsigned({ alg }, { ...idClaims(), exp: NOW + 600, iat: NOW, at_hash: hashOf('random', size) });
    const tokens = { access_token: 'random', id_token };
    expect(problemsOf({ body: tokens }, { accessToken: 'opaque', jwks: undefined })).toEqual([]);
  });
});
