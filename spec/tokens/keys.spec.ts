import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto';
import jwt from 'jsonwebtoken';
import { createTokenIssuer, type SigningAlgorithm, type SigningKey } from '../../lib/tokens';
import { createIssuerEndpoint, EC, goodOptions, type IssuerOptions, RSA, readToken } from '../support/issuer';

const X_OTHER = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const RSA_OTHER = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** The private half of one key, and the public one of another. */
const halvesOf = (one: { privateKey: KeyObject }, another: { publicKey: KeyObject }): JsonWebKey => ({
  ...one.privateKey.export({ format: 'jwk' }),
  ...another.publicKey.export({ format: 'jwk' }),
});
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const ED25519 = generateKeyPairSync('ed25519');
/** A public key that nobody has the private half of: its modulus is no product of two primes. */
const rsaJwk = ({ bits = 2048, e = 'AQAB' }) => {
  const hex = (2n ** BigInt(bits - 1) + 1n).toString(16);
  const n = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
  return { kty: 'RSA', n, e };
};
const WEAK = generateKeyPairSync('rsa', { modulusLength: 1024 });
const PSS = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
const P521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const ED448 = generateKeyPairSync('ed448');
const X25519 = generateKeyPairSync('x25519');

const pem = (key: KeyObject) => String(key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }));
const issuerWith = (keys: unknown) => createTokenIssuer({ ...goodOptions(), keys } as IssuerOptions);
const mistakesOf = (keys: unknown) => {
  try {
    issuerWith(keys);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TypeError);
    return (thrown as TypeError).message;
  }
  return '';
};
/** A KMS that signs as JWS has it. */
const kmsOf = ({ privateKey }: { privateKey: KeyObject }, hash: string | null, seen: unknown[] = []) => ({
  sign: async (data: Buffer, key: unknown) => {
    seen.push(key);
    return sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  },
});

const PRIVATE: [string, SigningAlgorithm, { privateKey: KeyObject; publicKey: KeyObject }][] = [
  ['an RSA key', 'RS256', RSA],
  ['a P-256 key', 'ES256', EC],
  ['a P-384 key', 'ES384', P384],
  ['an Ed25519 key', 'EdDSA', ED25519],
];

describe('A JWKS', () => {
  const MEMBERS: Record<string, string[]> = { RSA: ['e', 'n'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] };

  it.each(PRIVATE)('of %s holds its public half and nothing else', (_what, alg, { privateKey, publicKey }) => {
    const jwkOfPrivate = privateKey.export({ format: 'jwk' });
    const secrets = Object.entries(jwkOfPrivate).filter(([name]) => !(name in publicKey.export({ format: 'jwk' })));
    expect(secrets.length).toBeGreaterThan(0);
    for (const form of [privateKey, pem(privateKey), { ...jwkOfPrivate, oth: [], k: 'secret', priv: 'secret' }]) {
      const [jwk, ...more] = issuerWith([{ privateKey: form, kid: 'a key' }]).jwks().keys;
      expect(more).toEqual([]);
      expect(jwk).toMatchObject({ kid: 'a key', alg, use: 'sig' });
      expect(Object.keys(Object(jwk)).sort()).toEqual(
        ['alg', 'kid', 'kty', 'use', ...(MEMBERS[String(jwk?.kty)] ?? [])].sort(),
      );
      for (const [, secret] of secrets) expect(JSON.stringify(jwk)).not.toContain(String(secret));
      expect(createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }).equals(publicKey)).toBe(true);
    }
  });

  it('of a KMS key holds its public half, also where a private one was given for it', () => {
    for (const publicKey of [EC.publicKey, EC.privateKey, pem(EC.publicKey), EC.publicKey.export({ format: 'jwk' })]) {
      const [jwk] = issuerWith([{ publicKey, kid: 'kms', ...kmsOf(EC, 'sha256') }]).jwks().keys;
      expect(Object.keys(Object(jwk)).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    }
  });

  it('names a key by a digest of its public half where it has no kid', () => {
    const kids = [
      { privateKey: EC.privateKey },
      { privateKey: pem(EC.privateKey) },
      { privateKey: P384.privateKey },
    ].map((key) => issuerWith([key]).jwks().keys[0]?.kid);
    expect(kids[0]).toMatch(/^[\w-]{43}$/);
    expect(kids[1]).toBe(kids[0]);
    expect(kids[2]).not.toBe(kids[0]);
  });

  it('is a copy that nobody else holds', () => {
    const { jwks } = issuerWith([{ privateKey: EC.privateKey, kid: 'a key' }]);
    Object.assign(Object(jwks().keys[0]), { kid: 'changed' });
    jwks().keys.pop();
    expect(jwks().keys.map(({ kid }) => kid)).toEqual(['a key']);
  });
});

const HINT = "Write { privateKey: '-----BEGIN…' }, or { publicKey, sign } for a KMS";
const KEYS_HINT = "Write an array, the key that signs first: [{ privateKey: '-----BEGIN…' }]";
const TYPES = 'Write a key of RSA, P-256, P-384 or Ed25519';
const SIGN = 'Write a function: (data, { kid, alg }) => the signature';

describe('createTokenIssuer refuses', () => {
  const rows: [string, unknown, string][] = [
    ['no keys', undefined, `keys is undefined. ${KEYS_HINT}`],
    ['an empty array of keys', [], `keys is an empty array. ${KEYS_HINT}`],
    [
      'a PEM for keys',
      pem(RSA.privateKey),
      `keys is a string of ${pem(RSA.privateKey).length} characters. ${KEYS_HINT}`,
    ],
    ['a JWK Set for keys', { keys: [] }, `keys is an object with keys. ${KEYS_HINT}`],
    ['a key that is a text', ['key'], `keys[0] is a string of 3 characters. ${HINT}`],
    [
      'a key that is a PEM',
      [pem(RSA.privateKey)],
      `keys[0] is a string of ${pem(RSA.privateKey).length} characters. ${HINT}`,
    ],
    ['a key that is a JWK', [RSA.privateKey.export({ format: 'jwk' })], `keys[0] is a JWK. ${HINT}`],
    [
      'a key whose member cannot be read',
      [
        Object.defineProperty({}, 'privateKey', {
          enumerable: true,
          get() {
            throw new Error('secret words');
          },
        }),
      ],
      `keys[0] is no key. ${HINT}`,
    ],
    ['a key without a member', [{}], `keys[0] has no privateKey. ${HINT}`],
    ['a forgotten environment variable', [{ privateKey: undefined }], `keys[0].privateKey is undefined. ${HINT}`],
    ['a key that is null', [null], `keys[0] is null. ${HINT}`],
    ['a bare KeyObject', [EC.privateKey], `keys[0] is a PrivateKeyObject. ${HINT}`],
    [
      'a weak RSA key',
      [{ privateKey: WEAK.privateKey }],
      'keys[0] is an RSA key of 1024 bits. Write one of 2048 to 4096',
    ],
    [
      'an RSA key of a KMS that no endpoint of this package would verify by',
      [{ publicKey: rsaJwk({ bits: 4097 }), sign: () => Buffer.of() }],
      'keys[0] is an RSA key of 4097 bits. Write one of 2048 to 4096',
    ],
    [
      'an RSA key with another exponent',
      [{ publicKey: rsaJwk({ e: 'Aw' }), sign: () => Buffer.of() }],
      'keys[0] is an RSA key with the public exponent 3. Write one with 65537',
    ],
    [
      'a weak RSA key of a KMS',
      [{ publicKey: WEAK.publicKey, sign: () => Buffer.of() }],
      'keys[0] is an RSA key of 1024 bits. Write one of 2048 to 4096',
    ],
    ['a public key', [{ privateKey: EC.publicKey }], 'keys[0].privateKey is a public KeyObject. Write the private one'],
    [
      'a public PEM',
      [{ privateKey: pem(EC.publicKey) }],
      'keys[0].privateKey is a PEM of PUBLIC KEY. Write that of the private key',
    ],
    [
      'a public JWK',
      [{ privateKey: EC.publicKey.export({ format: 'jwk' }) }],
      'keys[0].privateKey is a public JWK. Write the private one, which has d',
    ],
    [
      'a secret',
      [{ privateKey: createSecretKey(Buffer.alloc(32)) }],
      'keys[0].privateKey is a secret KeyObject. Write the private one',
    ],
    [
      'a secret for a KMS',
      [{ publicKey: createSecretKey(Buffer.alloc(32)), sign: () => Buffer.of() }],
      'keys[0].publicKey is a secret KeyObject. Write the public one',
    ],
    [
      'a text that is no key',
      [{ privateKey: 'secret words' }],
      "keys[0].privateKey is a string of 12 characters, and no key. Write a PEM text: '-----BEGIN…'",
    ],
    ['a number', [{ privateKey: 7 }], 'keys[0].privateKey is 7. Write a PEM text, a JWK or a KeyObject'],
    [
      'a KMS without a public key',
      [{ sign: () => Buffer.of() }],
      'keys[0].publicKey is undefined. Write a PEM text, a JWK or a KeyObject',
    ],
    [
      'a KMS with a text for it',
      [{ publicKey: 'x', sign: () => Buffer.of() }],
      "keys[0].publicKey is a string of 1 characters, and no key. Write a PEM text: '-----BEGIN…'",
    ],
    [
      'an RSA key of a bit less',
      [{ publicKey: rsaJwk({ bits: 2047 }), sign: () => Buffer.of() }],
      'keys[0] is an RSA key of 2047 bits. Write one of 2048 to 4096',
    ],
    [
      'a JWK with a kid alone',
      [{ privateKey: { kid: 'a' } }],
      'keys[0].privateKey is an object with kid. Write a PEM text, a JWK or a KeyObject',
    ],
    [
      'a private key and a public one in place of a KMS',
      [{ privateKey: undefined, publicKey: EC.publicKey }],
      `keys[0].privateKey is undefined. ${HINT}`,
    ],
    ['a KMS without sign', [{ publicKey: EC.publicKey }], `keys[0].sign is undefined. ${SIGN}`],
    ['a KMS whose sign is no function', [{ publicKey: EC.publicKey, sign: true }], `keys[0].sign is true. ${SIGN}`],
    ['a sign that is no function, alone', [{ sign: true }], `keys[0].sign is true. ${SIGN}`],
    [
      'both halves',
      [{ privateKey: EC.privateKey, publicKey: EC.publicKey }],
      'keys[0] has a privateKey beside publicKey or sign. Leave those out',
    ],
    [
      'a private key and a KMS',
      [{ privateKey: EC.privateKey, sign: () => Buffer.of() }],
      'keys[0] has a privateKey beside publicKey or sign. Leave those out',
    ],
    [
      'a JWK with the halves of two keys',
      [{ privateKey: halvesOf(EC, X_OTHER) }],
      'keys[0].privateKey has the public half of another key. Write both halves of one key',
    ],
    [
      'a JWK of RSA with the modulus of another key',
      [{ privateKey: halvesOf(RSA, RSA_OTHER) }],
      'keys[0].privateKey has the public half of another key. Write both halves of one key',
    ],
    [
      'a PEM with the halves of two keys',
      [{ privateKey: pem(createPrivateKey({ key: halvesOf(EC, X_OTHER), format: 'jwk' })) }],
      'keys[0].privateKey has the public half of another key. Write both halves of one key',
    ],
    ['an RSA-PSS key', [{ privateKey: PSS.privateKey }], `keys[0] is of the type rsa-pss. ${TYPES}`],
    ['a P-521 key', [{ privateKey: P521.privateKey }], `keys[0] is of the type secp521r1. ${TYPES}`],
    ['an Ed448 key', [{ privateKey: ED448.privateKey }], `keys[0] is of the type ed448. ${TYPES}`],
    ['an X25519 key', [{ privateKey: X25519.privateKey }], `keys[0] is of the type x25519. ${TYPES}`],
    [
      'another alg than the key has',
      [{ privateKey: EC.privateKey, alg: 'ES384' }],
      "keys[0].alg is 'ES384', which does not fit the key. Write ES256",
    ],
    [
      'HS256',
      [{ privateKey: RSA.privateKey, alg: 'HS256' }],
      "keys[0].alg is 'HS256', which does not fit the key. Write RS256 or PS256",
    ],
    [
      'none',
      [{ privateKey: RSA.privateKey, alg: 'none' }],
      "keys[0].alg is 'none', which does not fit the key. Write RS256 or PS256",
    ],
    [
      'an empty kid',
      [{ privateKey: EC.privateKey, kid: '' }],
      'keys[0].kid is an empty string. Write a string, or leave it out',
    ],
    [
      'a kid that is a number',
      [{ privateKey: EC.privateKey, kid: 1 }],
      'keys[0].kid is 1. Write a string, or leave it out',
    ],
    [
      'a misspelt member',
      [{ privateKey: EC.privateKey, Kid: 'a' }],
      'keys[0].Kid is no member. The members are kid, alg, privateKey, publicKey and sign',
    ],
    [
      'two keys of one kid',
      [
        { privateKey: EC.privateKey, kid: 'a' },
        { privateKey: P384.privateKey, kid: 'a' },
      ],
      'keys has two keys of the kid "a". Name one anew',
    ],
    [
      'two keys of one kid after another',
      [
        { privateKey: RSA.privateKey, kid: 'first' },
        { privateKey: EC.privateKey, kid: 'a' },
        { privateKey: P384.privateKey, kid: 'a' },
      ],
      'keys has two keys of the kid "a". Name one anew',
    ],
  ];

  it.each(rows)('%s', (_what, keys, message) => {
    expect(mistakesOf(keys)).toBe(`createTokenIssuer: ${message}.`);
  });

  it('one key twice, by the digest that both are named by', () => {
    const [jwk] = issuerWith([{ privateKey: EC.privateKey }]).jwks().keys;
    expect(mistakesOf([{ privateKey: EC.privateKey }, { privateKey: EC.privateKey }])).toBe(
      `createTokenIssuer: keys has two keys of the kid "${jwk?.kid}". Name one anew.`,
    );
  });

  it('several keys with all that is wrong, one line each, and quotes none of them', () => {
    const secret = 'BEGIN PRIVATE KEY c2VjcmV0';
    const message = mistakesOf([{ privateKey: secret }, { privateKey: WEAK.privateKey }]);
    expect(message).toMatch(
      /^createTokenIssuer:\n {2}keys\[0\]\.privateKey is a string .*\n {2}keys\[1\] is an RSA key/,
    );
    expect(message).not.toContain('c2VjcmV0');
  });
});

describe('A key signs', () => {
  const headerWith = async (keys: readonly SigningKey[]) => {
    const endpoint = createIssuerEndpoint({ issuer: { keys } });
    const { status, body } = await endpoint.post();
    return {
      endpoint,
      status,
      headers: status === 200 ? [body.access_token, body.id_token].map((t) => readToken(t).header) : [],
    };
  };

  it.each(PRIVATE)('%s, with its default algorithm and its kid', async (_what, alg, { privateKey }) => {
    const { headers } = await headerWith([
      { privateKey, kid: 'a key' },
      { privateKey: X_OTHER.privateKey, kid: 'another' },
    ]);
    expect(headers).toEqual([
      { alg, typ: 'at+jwt', kid: 'a key' },
      { alg, typ: 'JWT', kid: 'a key' },
    ]);
  });

  it.each<[string, SigningAlgorithm, KeyObject]>([
    ['an RSA key', 'PS256', RSA.privateKey],
    ['an RSA key', 'RS256', RSA.privateKey],
    ['a P-384 key', 'ES384', P384.privateKey],
  ])('%s, with %s where that is its alg', async (_what, alg, privateKey) => {
    const { endpoint, headers } = await headerWith([{ privateKey, alg }]);
    expect(headers.map((header) => header.alg)).toEqual([alg, alg]);
    expect(endpoint.jwks().keys).toMatchObject([{ alg }]);
  });

  it.each<[SigningAlgorithm, KeyObject, KeyObject, string | null]>([
    ['ES256', EC.publicKey, EC.privateKey, 'sha256'],
    ['ES384', P384.publicKey, P384.privateKey, 'sha384'],
    ['RS256', RSA.publicKey, RSA.privateKey, 'sha256'],
    ['EdDSA', ED25519.publicKey, ED25519.privateKey, null],
  ])('%s of a KMS, which sees the bytes and the name of the key', async (alg, publicKey, privateKey, hash) => {
    const seen: unknown[] = [];
    const { status, headers } = await headerWith([{ kid: 'kms', publicKey, ...kmsOf({ privateKey }, hash, seen) }]);
    expect([status, headers.map((header) => header.alg)]).toEqual([200, [alg, alg]]);
    // The trial, the access token and the ID token.
    expect(seen).toEqual([
      { kid: 'kms', alg },
      { kid: 'kms', alg },
      { kid: 'kms', alg },
    ]);
  });

  it.each<[string, (data: Buffer) => unknown]>([
    ['signs in DER', (data) => sign('sha256', data, EC.privateKey)],
    ['signs with another key', (data) => sign('sha256', data, { key: X_OTHER.privateKey, dsaEncoding: 'ieee-p1363' })],
    ['signs other bytes', () => sign('sha256', Buffer.from('x'), { key: EC.privateKey, dsaEncoding: 'ieee-p1363' })],
    ['returns text', () => 'c2lnbmF0dXJl'],
    ['returns nothing', () => undefined],
    ['throws', () => Promise.reject(new Error('KMS gone'))],
  ])('of a KMS that %s is a fault, and no token leaves', async (_what, kms) => {
    const { endpoint, status } = await headerWith([{ kid: 'kms', publicKey: EC.publicKey, sign: kms as never }]);
    const outcome = endpoint.outcomes.at(-1);
    expect([status, outcome?.reason]).toEqual([500, 'issue_tokens_failed']);
    expect(String(outcome?.fault)).toMatch(/sign returned no ES256 signature of the key kms|KMS gone/);
  });

  it('and its first token is read by jsonwebtoken before it leaves, later ones are not', async () => {
    const verify = jest.spyOn(jwt, 'verify');
    const { issueTokens } = issuerWith([{ privateKey: EC.privateKey, kid: 'a key' }]);
    const code = { clientId: 'spa', userId: 'u', audience: null, scope: null, nonce: null } as never;
    const exchange = { code, client: { clientId: 'spa' }, confirmation: undefined };
    const tokens = [await issueTokens(exchange, {} as never), await issueTokens(exchange, {} as never)];
    expect(verify.mock.calls.map(([token, , options]) => [token, options])).toEqual([
      [tokens[0]?.access_token, { algorithms: ['ES256'] }],
    ]);
    verify.mockRestore();
  });
});

/** What RFC 7517 §4.3 forbids, and what is not for signing. */
const KEY_OPS: readonly [string, { key_ops: unknown; use?: string }][] = [
  ['with sign twice in key_ops', { key_ops: ['sign', 'sign'] }],
  ['with verify twice in key_ops, beside sign', { key_ops: ['verify', 'sign', 'verify'] }],
  ['with a number in key_ops', { key_ops: ['sign', 1] }],
  ['without sign in key_ops', { key_ops: ['verify'] }],
  ['without an operation in key_ops', { key_ops: [] }],
  ['whose key_ops is a string', { key_ops: 'sign' }],
  ['whose key_ops is null', { key_ops: null }],
  ['whose key_ops contradicts its use', { key_ops: ['sign', 'decrypt'], use: 'sig' }],
];

describe('A JWK', () => {
  const jwk = (members: object) => ({ ...RSA.privateKey.export({ format: 'jwk' }), ...members });
  const published = (key: object) => issuerWith([key]).jwks().keys[0];

  it('is known by the names that it has', () => {
    const { publicKey } = RSA;
    const own = { kid: 'its own', alg: 'PS256', use: 'sig' };
    expect(published({ privateKey: jwk(own) })).toMatchObject(own);
    const byKms = { publicKey: { ...publicKey.export({ format: 'jwk' }), ...own }, sign: kmsOf(RSA, 'sha256').sign };
    expect(published(byKms)).toMatchObject(own);
  });

  it('is known by those that the host gives beside it', () => {
    const own = { kid: 'its own', alg: 'PS256' };
    const given = { kid: 'another', alg: 'RS256' };
    expect(published({ ...given, privateKey: jwk(own) })).toMatchObject(given);
  });

  it.each([
    ['for encryption', { use: 'enc' }, " is a JWK whose use is 'enc'. Write a key whose use is sig."],
    ['whose use is null', { use: null }, ' is a JWK whose use is null. Write a key whose use is sig.'],
    ...KEY_OPS.map(([what, members]): [string, object, string] => [
      what,
      members,
      ` is a JWK whose key_ops is '${JSON.stringify(members.key_ops)}'. Write ["sign"], or leave key_ops out.`,
    ]),
    [
      'of another algorithm',
      { alg: 'RSA-OAEP' },
      ".alg is 'RSA-OAEP', which does not fit the key. Write RS256 or PS256.",
    ],
    ['whose kid is no string', { kid: 7 }, '.kid is 7. Write a string, or leave it out.'],
    ['whose kid is null', { kid: null }, '.kid is null. Write a string, or leave it out.'],
  ])('%s is refused', (_what, members, mistake) => {
    expect(mistakesOf([{ privateKey: jwk(members) }])).toBe(`createTokenIssuer: keys[0]${mistake}`);
  });

  it.each([
    ['sign', { key_ops: ['sign'] }],
    ['sign and verify', { key_ops: ['sign', 'verify'] }],
    ['sign, beside its use', { key_ops: ['sign'], use: 'sig' }],
    ['sign, and an operation that nobody knows', { key_ops: ['sign', 'https://kms.example/op'], use: 'sig' }],
  ])('signs whose key_ops is %s', (_what, members) => {
    expect(published({ privateKey: jwk(members) })).toMatchObject({ use: 'sig' });
    expect(published({ privateKey: jwk(members) })).not.toHaveProperty('key_ops');
  });

  it.each([
    ['verify', ['verify']],
    ['sign, as a KMS shows what it does', ['sign']],
  ])('of a KMS has key_ops with %s', (_what, keyOps) => {
    const publicKey = { ...RSA.publicKey.export({ format: 'jwk' }), key_ops: keyOps };
    expect(published({ publicKey, sign: kmsOf(RSA, 'sha256').sign })).toMatchObject({ kty: 'RSA' });
  });

  it.each([
    ['with an operation twice', ['verify', 'verify'], `'["verify","verify"]'`],
    ['with none that a key of signatures has', ['encrypt'], `'["encrypt"]'`],
    ['without any', [], "'[]'"],
  ])('of a KMS is refused whose key_ops is there %s', (_what, keyOps, received) => {
    const publicKey = { ...RSA.publicKey.export({ format: 'jwk' }), key_ops: keyOps };
    expect(mistakesOf([{ publicKey, sign: kmsOf(RSA, 'sha256').sign }])).toBe(
      `createTokenIssuer: keys[0] is a JWK whose key_ops is ${received}. Write ["verify"], or leave key_ops out.`,
    );
  });

  it('of a KMS is refused whose use is another than signatures', () => {
    const publicKey = { ...RSA.publicKey.export({ format: 'jwk' }), use: 'enc' };
    expect(mistakesOf([{ publicKey, sign: kmsOf(RSA, 'sha256').sign }])).toBe(
      "createTokenIssuer: keys[0] is a JWK whose use is 'enc'. Write a key whose use is sig.",
    );
  });

  it.each([2048, 4096])('of a KMS may be an RSA key of %d bits', (bits) => {
    expect(published({ publicKey: rsaJwk({ bits }), sign: () => Buffer.of() })).toMatchObject({ alg: 'RS256' });
  });
});

describe('rotateKeys', () => {
  it('publishes a key, lets it sign, and takes the old one out, without a restart', async () => {
    const [one, two] = [
      { privateKey: EC.privateKey, kid: 'one' },
      { privateKey: RSA.privateKey, kid: 'two' },
    ];
    const endpoint = createIssuerEndpoint({ issuer: { keys: [one] } });
    const kids = () => endpoint.jwks().keys.map(({ kid }) => kid);
    const first = await endpoint.post();
    const kidOf = (token: string) => readToken(token).header.kid;
    expect([kidOf(first.body.access_token), kids()]).toEqual(['one', ['one']]);

    endpoint.rotateKeys([one, two]);
    const second = await endpoint.refresh(first.body.refresh_token);
    expect([kidOf(second.body.access_token), kids()]).toEqual(['one', ['one', 'two']]);

    endpoint.rotateKeys([two, one]);
    const third = await endpoint.refresh(second.body.refresh_token);
    expect([kidOf(third.body.access_token), kidOf(third.body.id_token), kids()]).toEqual([
      'two',
      'two',
      ['two', 'one'],
    ]);

    endpoint.rotateKeys([two]);
    expect(kids()).toEqual(['two']);
  });

  it('refuses keys that are wrong, and leaves those that are there', () => {
    const { rotateKeys, jwks } = issuerWith([{ privateKey: EC.privateKey, kid: 'one' }]);
    expect(() => rotateKeys([{ privateKey: WEAK.privateKey }])).toThrow(
      new TypeError('createTokenIssuer: keys[0] is an RSA key of 1024 bits. Write one of 2048 to 4096.'),
    );
    expect(() => rotateKeys([])).toThrow(TypeError);
    expect(() => rotateKeys([{ privateKey: halvesOf(EC, X_OTHER) }])).toThrow(
      'keys[0].privateKey has the public half of another key',
    );
    expect(jwks().keys.map(({ kid }) => kid)).toEqual(['one']);
  });

  it('refuses a name that stood for another key until now', () => {
    const { rotateKeys, jwks } = issuerWith([
      { privateKey: EC.privateKey, kid: 'one' },
      { privateKey: RSA.privateKey, kid: 'two' },
    ]);
    expect(() => rotateKeys([{ privateKey: X_OTHER.privateKey, kid: 'two' }])).toThrow(
      new TypeError('createTokenIssuer: the kid "two" is another key\'s already. Give the new one a kid of its own.'),
    );
    expect(jwks().keys.map(({ kid }) => kid)).toEqual(['one', 'two']);
    rotateKeys([{ privateKey: pem(RSA.privateKey), kid: 'two' }]);
    expect(jwks().keys.map(({ kid }) => kid)).toEqual(['two']);
  });

  it('in the midst of an answer: both tokens are signed with the key that it began with', async () => {
    const endpoint = createIssuerEndpoint({
      issuer: {
        keys: [{ privateKey: EC.privateKey, kid: 'one' }],
        claims({ confirmation }) {
          // A verified proof is not there before the tokens are made.
          if (confirmation) endpoint.rotateKeys([{ privateKey: RSA.privateKey, kid: 'two' }]);
          return {};
        },
      },
      router: { tokenEndpoint: 'https://auth.example/oauth/token', verifyDpop: async () => ({ jkt: 'a key' }) },
    });
    const { body } = await endpoint.post().set('DPoP', 'a.proof.here');
    expect([body.access_token, body.id_token].map((token) => readToken(token).header.kid)).toEqual(['one', 'one']);
  });
});
