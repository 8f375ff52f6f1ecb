import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { RegisteredClient } from '../../lib/clients';
import { expectRefusal } from '../support/refusals';
import {
  assert,
  base64url,
  createClientEndpoint,
  createKey,
  goodClaims,
  goodHeader,
  ISSUER,
  key,
  type Parts,
  seconds,
  TOKEN_ENDPOINT,
} from './support/asserter';

type Row = [what: string, reason: string, assertion: () => string];

const other = createKey('ES256', 'key of another client');
const second = createKey('ES256', 'key 2');
const rsa = createKey('RS256', 'rsa');
const ed = createKey('EdDSA', 'ed');
const p384 = createKey('ES384', 'p384');
const enc = createKey('ES256', 'enc');
const ops = createKey('ES256', 'ops');
const twice = createKey('ES256', 'twice');
const torn = createKey('ES256', 'torn');
const forPss = createKey('RS256', 'for pss');
const leaked = createKey('ES256', 'leaked');
const neutral = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
const weakJwk = { ...ed.jwk, x: base64url(neutral), kid: 'weak' };
const small = generateKeyPairSync('rsa', { modulusLength: 1024 });

const rp: RegisteredClient = {
  clientId: 'rp',
  tokenEndpointAuthMethod: 'private_key_jwt',
  jwks: {
    keys: [
      key.jwk,
      second.jwk,
      rsa.jwk,
      ed.jwk,
      p384.jwk,
      weakJwk,
      { ...enc.jwk, use: 'enc' },
      { ...ops.jwk, key_ops: ['deriveBits'] },
      { ...twice.jwk, key_ops: ['verify', 'verify'] },
      { ...torn.jwk, key_ops: ['verify', 'encrypt'], use: 'sig' },
      { ...forPss.jwk, alg: 'PS256' },
      { ...leaked.privateKey.export({ format: 'jwk' }), kid: 'leaked' },
      { ...small.publicKey.export({ format: 'jwk' }), kid: 'small' },
    ],
  },
};
const CLIENTS = {
  rp,
  other: { clientId: 'other', tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [other.jwk] } },
};

const header = (different: Record<string, unknown>) => assert({ header: different });
const claims = (different: Record<string, unknown>) => assert({ claims: different });
const by = (parts: Parts) => assert(parts);
const parts = () => assert().split('.') as [string, string, string];
const signed = (different: (signature: Buffer) => Buffer) => assert({ sign: (text) => different(key.sign(text)) });
const publicPem = String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }));

const form: Row[] = [
  ['a word', 'client_assertion_malformed', () => 'assertion'],
  ['two parts', 'client_assertion_malformed', () => parts().slice(0, 2).join('.')],
  ['five parts, as an encrypted one has', 'client_assertion_malformed', () => `${assert()}.AA.AA`],
  ['no signature', 'client_assertion_malformed', () => [...parts().slice(0, 2), ''].join('.')],
  ['padding', 'client_assertion_malformed', () => `${assert()}==`],
  [
    'two signatures in JSON',
    'client_assertion_malformed',
    () => {
      const [head, payload, signature] = parts();
      const each = { protected: head, signature };
      return JSON.stringify({ payload, signatures: [each, each] });
    },
  ],
  ['a header that is an array', 'client_assertion_malformed', () => by({ headerText: JSON.stringify([goodHeader()]) })],
  ['claims that are no JSON', 'client_assertion_malformed', () => by({ claimsText: 'iss=rp' })],
  ['claims that are null', 'client_assertion_malformed', () => by({ claimsText: 'null' })],
  ['8193 characters', 'client_assertion_malformed', () => assert().padEnd(8193, 'A')],
];

const headers: Row[] = [
  ['typ of an access token', 'client_assertion_type_wrong', () => header({ typ: 'at+jwt' })],
  ['typ of a DPoP proof', 'client_assertion_type_wrong', () => header({ typ: 'dpop+jwt' })],
  ['typ of a logout token', 'client_assertion_type_wrong', () => header({ typ: 'logout+jwt' })],
  ['a typ that is no string', 'client_assertion_type_wrong', () => header({ typ: ['JWT'] })],
  ['a typ that is null', 'client_assertion_type_wrong', () => header({ typ: null })],
  ['an empty typ', 'client_assertion_type_wrong', () => header({ typ: '' })],
  ['crit', 'client_assertion_extension_unsupported', () => header({ crit: ['exp'] })],
  ['b64', 'client_assertion_extension_unsupported', () => header({ b64: true })],
  [
    'alg none, without a signature',
    'client_assertion_malformed',
    () => by({ header: { alg: 'none' }, sign: () => Buffer.alloc(0) }),
  ],
  ['alg none', 'client_assertion_algorithm_unsupported', () => header({ alg: 'none' })],
  ['no alg', 'client_assertion_algorithm_unsupported', () => header({ alg: undefined })],
  ['alg in small letters', 'client_assertion_algorithm_unsupported', () => header({ alg: 'es256' })],
  ['an alg that every object has', 'client_assertion_algorithm_unsupported', () => header({ alg: 'constructor' })],
  ['alg ES256K', 'client_assertion_algorithm_unsupported', () => header({ alg: 'ES256K' })],
  [
    'HS256 with the public key as its secret',
    'client_assertion_algorithm_unsupported',
    () =>
      by({
        key: rsa,
        header: { alg: 'HS256' },
        sign: (text) => createHmac('sha256', publicPem).update(text).digest(),
      }),
  ],
  ['a kid that is no string', 'client_assertion_malformed', () => header({ kid: 1 })],
  ['a kid that is null', 'client_assertion_malformed', () => header({ kid: null })],
  ['a kid that nobody knows', 'client_assertion_key_unknown', () => header({ kid: 'unknown' })],
  ['a kid in another letter case', 'client_assertion_key_unknown', () => header({ kid: 'KEY 1' })],
];

const claimed: Row[] = [
  ...['iss', 'sub', 'exp'].flatMap((name): Row[] => [
    [`no ${name}`, 'client_assertion_claim_malformed', () => claims({ [name]: undefined })],
    [`${name} null`, 'client_assertion_claim_malformed', () => claims({ [name]: null })],
    [`${name} in an array`, 'client_assertion_claim_malformed', () => claims({ [name]: ['rp'] })],
  ]),
  ['an empty iss and sub', 'client_assertion_claim_malformed', () => claims({ iss: '', sub: '' })],
  ['the iss of another client', 'client_assertion_issuer_wrong', () => claims({ iss: 'other' })],
  ['the sub of another client', 'client_assertion_issuer_wrong', () => claims({ sub: 'other' })],
  ['no aud', 'client_assertion_audience_wrong', () => claims({ aud: undefined })],
  ['aud null', 'client_assertion_audience_wrong', () => claims({ aud: null })],
  ['aud of another server', 'client_assertion_audience_wrong', () => claims({ aud: 'https://other.example' })],
  ['aud with a slash at the end', 'client_assertion_audience_wrong', () => claims({ aud: `${ISSUER}/` })],
  ['aud in capitals', 'client_assertion_audience_wrong', () => claims({ aud: 'https://AUTH.example' })],
  ['aud in an array', 'client_assertion_audience_wrong', () => claims({ aud: [ISSUER] })],
  ['two servers in aud', 'client_assertion_audience_wrong', () => claims({ aud: [ISSUER, 'https://other.example'] })],
  ['an empty aud', 'client_assertion_audience_wrong', () => claims({ aud: [] })],
  ['aud in an object', 'client_assertion_audience_wrong', () => claims({ aud: { 0: ISSUER } })],
  ['the token endpoint as aud', 'client_assertion_audience_wrong', () => claims({ aud: TOKEN_ENDPOINT })],
  ['exp that is over', 'client_assertion_expired', () => claims({ exp: seconds() - 11 })],
  ['exp 0', 'client_assertion_expired', () => claims({ exp: 0 })],
  ['exp as a string', 'client_assertion_claim_malformed', () => claims({ exp: String(seconds() + 60) })],
  ['exp in milliseconds', 'client_assertion_lives_too_long', () => claims({ exp: Date.now() + 60_000 })],
  ['exp two hours ahead', 'client_assertion_lives_too_long', () => claims({ exp: seconds() + 7200 })],
  ['exp just beyond an hour', 'client_assertion_lives_too_long', () => claims({ exp: seconds() + 3615 })],
  ['exp far ahead', 'client_assertion_lives_too_long', () => claims({ exp: 1e300 })],
  [
    'exp that JSON makes infinite',
    'client_assertion_claim_malformed',
    () => by({ claimsText: JSON.stringify({ ...goodClaims(), exp: 0 }).replace('"exp":0', '"exp":1e999') }),
  ],
  ['iat ahead', 'client_assertion_too_new', () => claims({ iat: seconds() + 15 })],
  ['iat as a string', 'client_assertion_claim_malformed', () => claims({ iat: String(seconds()) })],
  ['iat null', 'client_assertion_claim_malformed', () => claims({ iat: null })],
  ['nbf ahead', 'client_assertion_too_new', () => claims({ nbf: seconds() + 15 })],
  ['nbf in an array', 'client_assertion_claim_malformed', () => claims({ nbf: [0] })],
  ['no jti', 'client_assertion_claim_malformed', () => claims({ jti: undefined })],
  ['an empty jti', 'client_assertion_claim_malformed', () => claims({ jti: '' })],
  ['jti as a number', 'client_assertion_claim_malformed', () => claims({ jti: 1 })],
  ['jti null', 'client_assertion_claim_malformed', () => claims({ jti: null })],
  ['a jti of 257 characters', 'client_assertion_claim_malformed', () => claims({ jti: 'j'.repeat(257) })],
  ['a jti with a line break', 'client_assertion_claim_malformed', () => claims({ jti: 'a\n' })],
  ['a jti with NUL', 'client_assertion_claim_malformed', () => claims({ jti: 'a\0b' })],
  ['a jti beyond ASCII', 'client_assertion_claim_malformed', () => claims({ jti: 'ä' })],
];

const signatures: Row[] = [
  ['the signature of another key of the client', 'client_assertion_signature_wrong', () => by({ sign: second.sign })],
  ['the key of another client', 'client_assertion_key_unknown', () => by({ key: other })],
  [
    'the key of another client under a kid of its own',
    'client_assertion_signature_wrong',
    () => by({ sign: other.sign }),
  ],
  [
    'the key of another client without a kid',
    'client_assertion_signature_wrong',
    () => by({ key: other, header: { kid: undefined } }),
  ],
  [
    'an assertion of another client',
    'client_mismatch',
    () => by({ key: other, claims: { iss: 'other', sub: 'other' } }),
  ],
  ['another client in capitals', 'client_mismatch', () => claims({ iss: 'RP', sub: 'RP' })],
  ['a key that is for encryption', 'client_assertion_key_unknown', () => by({ key: enc })],
  ['a key that is for key agreement', 'client_assertion_key_unknown', () => by({ key: ops })],
  ['a key with an operation twice in key_ops', 'client_assertion_key_unknown', () => by({ key: twice })],
  ['a key whose key_ops contradicts its use', 'client_assertion_key_unknown', () => by({ key: torn })],
  ['a key that is for another algorithm', 'client_assertion_key_unknown', () => by({ key: forPss })],
  ['a key whose private half is public', 'client_assertion_key_unknown', () => by({ key: leaked })],
  [
    'a key of another type than the alg',
    'client_assertion_key_unknown',
    () => by({ key: rsa, header: { alg: 'ES256' } }),
  ],
  [
    'a key of another curve than the alg',
    'client_assertion_key_unknown',
    () => by({ key: p384, header: { alg: 'ES256' } }),
  ],
  [
    'an RSA key of 1024 bits',
    'client_assertion_key_unknown',
    () =>
      by({
        header: { alg: 'RS256', kid: 'small' },
        sign: (text) => sign('sha256', Buffer.from(text), small.privateKey),
      }),
  ],
  [
    'the neutral element of Ed25519, and a signature that fits each message',
    'client_assertion_key_unknown',
    () => by({ header: { alg: 'EdDSA', kid: 'weak' }, sign: () => Buffer.concat([neutral, Buffer.alloc(32)]) }),
  ],
  [
    'a signature in DER',
    'client_assertion_signature_wrong',
    () => by({ sign: (text) => sign('sha256', Buffer.from(text), key.privateKey) }),
  ],
  ['a signature of zeros', 'client_assertion_signature_wrong', () => signed(() => Buffer.alloc(64))],
  ['a signature one byte short', 'client_assertion_signature_wrong', () => signed((bytes) => bytes.subarray(1))],
  [
    'a signature with one bit changed',
    'client_assertion_signature_wrong',
    () => signed((bytes) => Buffer.from(bytes.map((byte, i) => (i ? byte : byte ^ 1)))),
  ],
  [
    'a key that it brings along',
    'client_assertion_key_unknown',
    () => by({ key: other, header: { jwk: other.jwk, jku: 'https://evil.example/jwks', x5c: ['AA=='] } }),
  ],
];

const instead: Row[] = [
  [
    'an ID token of ours in its place',
    'client_assertion_issuer_wrong',
    () => by({ key: rsa, header: { typ: 'JWT' }, claims: { iss: ISSUER, sub: 'user 1', aud: 'rp' } }),
  ],
  [
    'an access token of ours in its place',
    'client_assertion_type_wrong',
    () => by({ key: rsa, header: { typ: 'at+jwt' }, claims: { iss: ISSUER, sub: 'rp', aud: ISSUER, client_id: 'rp' } }),
  ],
  [
    'a DPoP proof in its place',
    'client_assertion_type_wrong',
    () =>
      by({
        headerText: JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk }),
        claimsText: JSON.stringify({ jti: randomUUID(), htm: 'POST', htu: TOKEN_ENDPOINT, iat: seconds() }),
      }),
  ],
];

const rows = [...form, ...headers, ...claimed, ...signatures, ...instead];

describe('POST /oauth/token refuses with invalid_client, and leaves the code and the jti, an assertion that has', () => {
  it.each(rows)('%s (%s)', async (_what, reason, assertion) => {
    const consumeJti = jest.fn(async () => true);
    const endpoint = createClientEndpoint('rp', { clients: CLIENTS, consumeJti });
    const answer = await endpoint.assert(assertion(), { client_id: 'rp' });
    expectRefusal(answer, endpoint, {
      status: 401,
      error: 'invalid_client',
      description: 'Client authentication failed',
      reason,
    });
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect([endpoint.calls, consumeJti.mock.calls]).toEqual([[], []]);

    const next = await endpoint.assert(assert({ claims: { jti: 'the next' } }), { client_id: 'rp' });
    expect([next.status, consumeJti.mock.calls.length]).toEqual([200, 1]);
  });

  it('a claim that is malformed, and tells the operator which', async () => {
    const endpoint = createClientEndpoint('rp');
    await endpoint.assert(claims({ jti: 1 }));
    expect(endpoint.outcomes[0]?.cause).toMatchObject({
      message: 'The claim jti must be a string of 1 to 256 printable characters',
    });
  });

  it('another aud, and tells the operator which was expected', async () => {
    const endpoint = createClientEndpoint('rp');
    await endpoint.assert(claims({ aud: 'https://other.example' }));
    expect(endpoint.outcomes[0]?.cause).toMatchObject({ message: `The assertion must name ${ISSUER} as its aud` });
  });
});

describe('A jti', () => {
  it('is accepted once; the second time it is refused and the code is untouched', async () => {
    const endpoint = createClientEndpoint('rp', {}, { consumeCode: () => true });
    const assertion = assert();
    expect((await endpoint.assert(assertion)).status).toBe(200);
    expectRefusal(await endpoint.assert(assertion), endpoint, {
      status: 401,
      error: 'invalid_client',
      reason: 'client_assertion_replayed',
    });
    expect((await endpoint.assert(assert())).status).toBe(200);
  });

  it('is accepted once of many times at once', async () => {
    const endpoint = createClientEndpoint('rp', {}, { consumeCode: () => true });
    const assertion = assert();
    const answers = await Promise.all(Array.from({ length: 8 }, () => endpoint.assert(assertion)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)]);
  });

  it('is the client’s own: two clients may use the same', async () => {
    const endpoint = createClientEndpoint('rp', { clients: CLIENTS as never }, { consumeCode: () => true });
    expect((await endpoint.assert(claims({ jti: 'one' }))).status).toBe(200);
    const foreign = await endpoint.assert(by({ key: other, claims: { iss: 'other', sub: 'other', jti: 'one' } }));
    // It passed the authentication; the code is the first client's.
    expect(foreign.body.error).toBe('invalid_grant');
  });

  it('is used up by the authentication, even if the request is refused later', async () => {
    const endpoint = createClientEndpoint('rp');
    const assertion = assert();
    const wrong = await endpoint.assert(assertion, { code_verifier: 'x'.repeat(43) });
    expect(wrong.body.error).toBe('invalid_grant');
    expect((await endpoint.assert(assertion)).status).toBe(401);
    expect((await endpoint.assert(assert())).status).toBe(200);
  });

  it('is kept by the store in the form that proofs have', async () => {
    const seen: unknown[] = [];
    const endpoint = createClientEndpoint('rp', {
      consumeJti(jti) {
        seen.push(jti);
        return true;
      },
    });
    await endpoint.assert(claims({ jti: 'one' }));
    expect(seen).toEqual([{ jti: 'one', jkt: expect.stringMatching(/^[\w-]{43}$/), expiresAt: expect.any(Date) }]);
  });

  it.each<[string, () => unknown, string]>([
    ['throws', () => Promise.reject(new Error('store gone')), 'consume_jti_failed'],
    ['returns 1', () => 1, 'consume_jti_no_boolean'],
    ['returns nothing', () => undefined, 'consume_jti_no_boolean'],
  ])('is a fault where the store %s, and nothing is issued', async (_what, consumeJti, reason) => {
    const endpoint = createClientEndpoint('rp', { consumeJti: consumeJti as never });
    expectRefusal(await endpoint.assert(assert()), endpoint, { status: 500, error: 'server_error', reason });
    expect(endpoint.calls).toEqual([]);
  });
});

describe('The clock of a client', () => {
  it.each([
    ['an assertion that expired 5 s ago', () => claims({ exp: seconds() - 5 }), 200],
    ['one that expired 15 s ago', () => claims({ exp: seconds() - 15 }), 401],
    ['one that is valid in 5 s', () => claims({ nbf: seconds() + 5 }), 200],
    ['one that is valid in 15 s', () => claims({ nbf: seconds() + 15 }), 401],
  ])('may be 10 s off, and no more: %s', async (_what, create, status) => {
    expect((await createClientEndpoint('rp').assert(create())).status).toBe(status);
  });
});
