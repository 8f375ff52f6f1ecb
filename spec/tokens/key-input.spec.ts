import { createPublicKey, generateKeyPairSync, type KeyObject, webcrypto } from 'node:crypto';
import { createTokenIssuer } from '../../lib/tokens';
import { EC, goodOptions, type IssuerOptions, RSA } from '../support/issuer';

const pem = (key: KeyObject, type = key.type === 'public' ? 'spki' : 'pkcs8') =>
  String(key.export({ type, format: 'pem' } as never));
const der = (key: KeyObject, type: string) => key.export({ type, format: 'der' } as never) as unknown as Buffer;
const encrypted = (key: KeyObject, passphrase: string | Buffer, more: object = { type: 'pkcs8', format: 'pem' }) =>
  key.export({ cipher: 'aes-256-cbc', passphrase, ...more } as never) as unknown as string;
const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more });

const keysOf = (key: object) => {
  const { jwks } = createTokenIssuer({ ...goodOptions(), keys: [key] } as IssuerOptions);
  return jwks().keys;
};
const mistakeOf = (key: object): string => {
  try {
    keysOf(key);
  } catch (thrown) {
    return (thrown as TypeError).message.replace('createTokenIssuer: ', '');
  }
  return '';
};
const sign = () => Buffer.of();

/** A key whose DER has the byte of a brace: at the beginning of a text that would be a JWK. */
const BRACED = (() => {
  for (;;) {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    if (der(pair.privateKey, 'pkcs8').includes('{')) return pair;
  }
})();

describe('A private key is read', () => {
  it.each<[string, { privateKey: KeyObject; publicKey: KeyObject }, unknown]>([
    ['from a PEM', RSA, pem(RSA.privateKey)],
    ['from a PEM of PKCS #1', RSA, pem(RSA.privateKey, 'pkcs1')],
    ['from a PEM of SEC 1', EC, pem(EC.privateKey, 'sec1')],
    ['from a PEM with blanks around it', EC, `\n\uFEFF  ${pem(EC.privateKey)}\n\n`],
    ['from a PEM with line breaks of Windows', EC, pem(EC.privateKey).replaceAll('\n', '\r\n')],
    ['from the bytes of a PEM', EC, Buffer.from(pem(EC.privateKey))],
    ['from the bytes of a PEM in an Uint8Array', EC, new Uint8Array(Buffer.from(pem(EC.privateKey)))],
    ['from DER of PKCS #8', EC, der(EC.privateKey, 'pkcs8')],
    ['from DER of PKCS #1', RSA, der(RSA.privateKey, 'pkcs1')],
    ['from DER of SEC 1', EC, der(EC.privateKey, 'sec1')],
    ['from a JWK', EC, jwk(EC.privateKey)],
    ['from the text of a JWK', EC, JSON.stringify(jwk(EC.privateKey))],
    ['from the text of a JWK over several lines', EC, `\n${JSON.stringify(jwk(EC.privateKey), null, 2)}\n`],
    ['from the bytes of a JWK', EC, Buffer.from(JSON.stringify(jwk(EC.privateKey)))],
    [
      'from the bytes of a JWK behind a byte order mark and blanks',
      EC,
      Buffer.from(`\uFEFF \n${JSON.stringify(jwk(EC.privateKey))}`),
    ],
    ['from DER in which a byte is that of a brace', BRACED, der(BRACED.privateKey, 'pkcs8')],
    ['from a PEM behind other lines', EC, `Bag Attributes\n${pem(EC.privateKey)}`],
    ['from an encrypted PEM', RSA, { key: encrypted(RSA.privateKey, 'open'), passphrase: 'open' }],
    ['from the bytes of one', EC, { key: Buffer.from(encrypted(EC.privateKey, 'open')), passphrase: 'open' }],
    [
      'from one whose passphrase is bytes',
      EC,
      { key: encrypted(EC.privateKey, Buffer.of(1, 255)), passphrase: new Uint8Array([1, 255]) },
    ],
    [
      'from encrypted DER',
      EC,
      { key: encrypted(EC.privateKey, 'open', { type: 'pkcs8', format: 'der' }), passphrase: 'open' },
    ],
    [
      'from a PEM of OpenSSL before version 1',
      RSA,
      { key: encrypted(RSA.privateKey, 'open', { type: 'pkcs1', format: 'pem' }), passphrase: 'open' },
    ],
    ['from a PEM that needs no passphrase', EC, { key: pem(EC.privateKey), passphrase: '' }],
    ['from a JWK in place of a PEM, which needs no passphrase', EC, { key: jwk(EC.privateKey) }],
    ['from a JWK beside a passphrase', EC, { key: JSON.stringify(jwk(EC.privateKey)), passphrase: 'open' }],
  ])('%s', (_what, { publicKey }, privateKey) => {
    const [key] = keysOf({ privateKey });
    expect(createPublicKey({ key, format: 'jwk' } as never).equals(publicKey)).toBe(true);
  });

  it.each([
    ['the text', JSON.stringify(jwk(RSA.privateKey, { kid: 'own', alg: 'PS256', use: 'sig' }))],
    ['the bytes', Buffer.from(JSON.stringify(jwk(RSA.privateKey, { kid: 'own', alg: 'PS256' })))],
  ])('with the names that %s of a JWK has', (_what, privateKey) => {
    expect(keysOf({ privateKey })).toMatchObject([{ kid: 'own', alg: 'PS256' }]);
  });
});

describe('A public key of a KMS is read', () => {
  it.each<[string, unknown]>([
    ['from a PEM', pem(RSA.publicKey)],
    ['from the bytes of a PEM', Buffer.from(pem(RSA.publicKey))],
    ['from DER of SPKI', der(RSA.publicKey, 'spki')],
    ['from DER of PKCS #1', der(RSA.publicKey, 'pkcs1')],
    ['from a JWK', jwk(RSA.publicKey)],
    ['from the text of a JWK', JSON.stringify(jwk(RSA.publicKey))],
    ['from a private PEM, of which the public half is taken', pem(RSA.privateKey)],
    ['from a private KeyObject, of which the public half is taken', RSA.privateKey],
    ['from private DER, of which the public half is taken', der(RSA.privateKey, 'pkcs8')],
  ])('%s', (_what, publicKey) => {
    const [key] = keysOf({ publicKey, sign });
    expect(createPublicKey({ key, format: 'jwk' } as never).equals(RSA.publicKey)).toBe(true);
    expect(Object.keys(Object(key)).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });
});

describe('A key that cannot be read is named by its path, with what was received and what to write:', () => {
  const SECRET = 'c2VjcmV0IHdvcmRz';
  const openSsh = `-----BEGIN OPENSSH PRIVATE KEY-----\n${SECRET}\n-----END OPENSSH PRIVATE KEY-----`;

  it.each<[string, unknown, string]>([
    [
      'a PEM from an environment variable',
      pem(EC.privateKey).replaceAll('\n', '\\n'),
      "is a PEM whose line breaks are the two characters \\n. Write pem.replaceAll('\\\\n', '\\n')",
    ],
    [
      'the bytes of one',
      Buffer.from(pem(EC.privateKey).replaceAll('\n', '\\n')),
      "is a PEM whose line breaks are the two characters \\n. Write pem.replaceAll('\\\\n', '\\n')",
    ],
    [
      'a PEM in base64',
      Buffer.from(pem(EC.privateKey)).toString('base64'),
      "is a PEM in base64. Write Buffer.from(text, 'base64')",
    ],
    ['the name of a file', './keys/signing-key.pem', 'is the name of a file. Write readFileSync(name)'],
    ['the name of a file of Windows', 'C:\\keys\\signing.key', 'is the name of a file. Write readFileSync(name)'],
    ['a Promise', Promise.resolve(pem(EC.privateKey)), 'is a Promise. Await it'],
    ['a JWK Set', { keys: [jwk(EC.privateKey)] }, 'is a JWK Set. Write one of its keys'],
    ['the text of a JWK Set', JSON.stringify({ keys: [jwk(EC.privateKey)] }), 'is a JWK Set. Write one of its keys'],
    [
      'the JWK of a secret',
      { kty: 'oct', k: SECRET },
      'is the JWK of a secret. Write a key of RSA, P-256, P-384 or Ed25519',
    ],
    ['a public JWK', jwk(EC.publicKey), 'is a public JWK. Write the private one, which has d'],
    [
      'a JWK that is broken',
      jwk(EC.privateKey, { x: '' }),
      'is a JWK that is no private key. Compare its members with RFC 7518',
    ],
    [
      'a JWK of another type',
      { kty: 'AKP', d: SECRET },
      'is a JWK that is no private key. Compare its members with RFC 7518',
    ],
    ['a text that is no JSON', `{ ${SECRET}`, 'is a text that begins with { and is no JSON. Write a JWK'],
    ['JSON that is no JWK', '{}', 'is an empty object. Write a PEM text, a JWK or a KeyObject'],
    [
      'a certificate',
      `-----BEGIN CERTIFICATE-----\n${SECRET}\n-----END CERTIFICATE-----`,
      'is a PEM of CERTIFICATE. Write that of the private key',
    ],
    ['a public PEM', pem(EC.publicKey), 'is a PEM of PUBLIC KEY. Write that of the private key'],
    ['a key of OpenSSH', openSsh, 'is in the format of OpenSSH. Convert it: ssh-keygen -p -m pkcs8 -f FILE'],
    [
      'a PEM that lost its end',
      pem(EC.privateKey).slice(0, 60),
      'is a PEM that cannot be read (PRIVATE KEY). Look whether it is whole, each line by itself',
    ],
    [
      'a PEM without a label',
      `-----BEGIN \n${SECRET}`,
      'is a PEM that cannot be read. Look whether it is whole, each line by itself',
    ],
    ['an encrypted PEM', encrypted(EC.privateKey, 'open'), 'is an encrypted PEM. Write { key, passphrase }'],
    [
      'an encrypted PEM of OpenSSL before version 1',
      encrypted(RSA.privateKey, 'open', { type: 'pkcs1', format: 'pem' }),
      'is an encrypted PEM. Write { key, passphrase }',
    ],
    [
      'a wrong passphrase',
      { key: encrypted(EC.privateKey, 'open'), passphrase: 'sesame' },
      'cannot be read with this passphrase. Compare both',
    ],
    [
      'a forgotten passphrase',
      { key: encrypted(EC.privateKey, 'open'), passphrase: undefined },
      'has a passphrase that is undefined. Write { key, passphrase }',
    ],
    [
      'bytes that are no key',
      Buffer.from(SECRET),
      'is 16 bytes that are no private key. Write the bytes of a PEM or of DER',
    ],
    [
      'public DER',
      der(EC.publicKey, 'spki'),
      `is ${der(EC.publicKey, 'spki').length} bytes that are no private key. Write the bytes of a PEM or of DER`,
    ],
    [
      'a secret word',
      SECRET,
      `is a string of ${SECRET.length} characters, and no key. Write a PEM text: '-----BEGIN…'`,
    ],
    ['an empty text', '', "is an empty string, and no key. Write a PEM text: '-----BEGIN…'"],
    ['null', null, 'is null. Write a PEM text, a JWK or a KeyObject'],
    ['an array', [pem(EC.privateKey)], 'is an array of 1. Write a PEM text, a JWK or a KeyObject'],
    ['a public KeyObject', EC.publicKey, 'is a public KeyObject. Write the private one'],
    [
      'a key that is undefined beside a passphrase',
      { key: undefined, passphrase: 'open' },
      'is an object with key, passphrase. Write a PEM text, a JWK or a KeyObject',
    ],
    [
      'a passphrase that is a number',
      { key: pem(EC.privateKey), passphrase: 1234 },
      'has a passphrase that is 1234. Write { key, passphrase }',
    ],
    ['the name of a file in capitals', 'KEY.PEM', 'is the name of a file. Write readFileSync(name)'],
    ['the longest name of a file', `${'a'.repeat(200)}.pem`, 'is the name of a file. Write readFileSync(name)'],
    ...[`${'a'.repeat(201)}.pem`, `a ${SECRET}.pem`, `${SECRET}.pem.bak`, '.pem', `${SECRET} key`].map(
      (text): [string, unknown, string] => [
        `a text that is no name of a file: ${text.slice(0, 30)}`,
        text,
        `is a string of ${text.length} characters, and no key. Write a PEM text: '-----BEGIN…'`,
      ],
    ),
  ])('%s', (_what, privateKey, mistake) => {
    const message = mistakeOf({ privateKey });
    expect(message).toBe(`keys[0].privateKey ${mistake}.`);
    expect(message).not.toContain('\n');
    expect(message).not.toContain(SECRET);
  });

  it('a CryptoKey', async () => {
    const { privateKey } = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
    expect(mistakeOf({ privateKey })).toBe(
      'keys[0].privateKey is a CryptoKey. Write KeyObject.from(key) of node:crypto.',
    );
  });

  it.each<[string, unknown, string]>([
    [
      'a JWK that is no public key',
      { kty: 'EC', crv: 'P-256' },
      'is a JWK that is no public key. Compare its members with RFC 7518',
    ],
    [
      'a PEM that is broken',
      '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
      'is a PEM that cannot be read (PUBLIC KEY). Look whether it is whole, each line by itself',
    ],
    [
      'bytes that are no key',
      Buffer.of(1, 2, 3),
      'is 3 bytes that are no public key. Write the bytes of a PEM or of DER',
    ],
    [
      'the JWK of a secret',
      { kty: 'oct', k: SECRET },
      'is the JWK of a secret. Write a key of RSA, P-256, P-384 or Ed25519',
    ],
  ])('%s of a KMS', (_what, publicKey, mistake) => {
    expect(mistakeOf({ publicKey, sign })).toBe(`keys[0].publicKey ${mistake}.`);
  });

  it('the second of two keys', () => {
    const message = () =>
      createTokenIssuer({
        ...goodOptions(),
        keys: [{ privateKey: EC.privateKey }, { privateKey: 'key.pem' }],
      });
    expect(message).toThrow(
      new TypeError('createTokenIssuer: keys[1].privateKey is the name of a file. Write readFileSync(name).'),
    );
  });

  it('a key of a type that signs no token', () => {
    const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 });
    expect(mistakeOf({ privateKey })).toBe('keys[0] is of the type dsa. Write a key of RSA, P-256, P-384 or Ed25519.');
  });
});
