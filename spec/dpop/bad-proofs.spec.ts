import { createECDH, generateKeyPairSync, sign } from 'node:crypto';
import type { Reason } from '../../lib';
import { expectRefusal } from '../support/refusals';
import {
  base64url,
  client,
  createDpopEndpoint,
  goodClaims,
  goodHeader,
  prove,
  SIGNERS,
  seconds,
  TOKEN_ENDPOINT,
} from './support/prover';

/** What is wrong, in one word each, and a proof that is good but for that. */
type Row = [what: string, reason: Reason, proof: () => string];

const rsa = SIGNERS.RS256();
const ed = SIGNERS.Ed25519();
const other = SIGNERS.ES256();
const p384 = SIGNERS.ES384();
const k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' });
const ed448 = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' });
const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });

/** The point (0, 1). With S = 0 and this as R, a signature of it is good over whatever is signed. */
const NEUTRAL = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);

const parts = (): [string, string, string] => prove().split('.') as [string, string, string];
const jwk = (different: Record<string, unknown>) => prove({ header: { jwk: { ...client.jwk, ...different } } });
const rsaJwk = (different: Record<string, unknown>) =>
  prove({ signer: rsa, header: { jwk: { ...rsa.jwk, ...different } } });
const header = (different: Record<string, unknown>) => prove({ header: different });
const claims = (different: Record<string, unknown>) => prove({ claims: different });
const headerText = (text: string | Buffer) => prove({ headerText: text });
const claimsText = (text: string | Buffer) => prove({ claimsText: text });
const signed = (different: (signature: Buffer) => Buffer) => prove({ sign: (text) => different(client.sign(text)) });

/** Bytes of which the first and the last are odd, so that exactly so many bits count. */
const modulus = (bits: number) => {
  const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xab);
  bytes[0] = 1 << ((bits - 1) % 8);
  return base64url(bytes);
};
/** The same bytes in another spelling: the bits that no byte uses are set. */
const respell = (text: string) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.slice(-1)) + 1];
};
/** A text with three characters at its end that hold two bytes. */
const padTo = (json: object, remainder: number) => {
  const text = JSON.stringify(json);
  return text + ' '.repeat((((remainder - text.length) % 3) + 3) % 3);
};

const form: Row[] = [
  ['a word', 'dpop_proof_malformed', () => 'proof'],
  ['two parts', 'dpop_proof_malformed', () => parts().slice(0, 2).join('.')],
  ['three dots', 'dpop_proof_malformed', () => `${prove()}.`],
  ['a dot in front', 'dpop_proof_malformed', () => `.${prove()}`],
  ['five parts', 'dpop_proof_malformed', () => `${prove()}.AA.AA`],
  ['nothing but dots', 'dpop_proof_malformed', () => '..'],
  ['no header', 'dpop_proof_malformed', () => ['', ...parts().slice(1)].join('.')],
  ['no claims', 'dpop_proof_malformed', () => [parts()[0], '', parts()[2]].join('.')],
  ['no signature', 'dpop_proof_malformed', () => [...parts().slice(0, 2), ''].join('.')],
  ['a JWS in JSON', 'dpop_proof_malformed', () => '{"payload":"e30"}'],
  ['padding', 'dpop_proof_malformed', () => `${prove()}==`],
  ['the alphabet of base64', 'dpop_proof_malformed', () => `${parts()[0]}.${parts()[1]}.${'+/'.repeat(43)}`],
  ['white space between', 'dpop_proof_malformed', () => prove().replace('.', ' .')],
  [
    'a header in another spelling',
    'dpop_proof_malformed',
    () => {
      const [head, ...rest] = prove({ headerText: padTo(goodHeader(), 2) }).split('.') as [string, ...string[]];
      return [respell(head), ...rest].join('.');
    },
  ],
  [
    'claims in another spelling',
    'dpop_proof_malformed',
    () => {
      const [head, body, tail] = prove({ claimsText: padTo(goodClaims(), 1) }).split('.') as [string, string, string];
      return [head, respell(body), tail].join('.');
    },
  ],
  ['a signature in another spelling', 'dpop_proof_malformed', () => respell(prove())],
  [
    'a part with a single character too many',
    'dpop_proof_malformed',
    () => `${parts()[0]}.${parts()[1]}.${'A'.repeat(85)}`,
  ],
  ['a header that is no JSON', 'dpop_proof_malformed', () => headerText('typ=dpop+jwt')],
  ['a header that is an array', 'dpop_proof_malformed', () => headerText(JSON.stringify([goodHeader()]))],
  ['a header that is a string', 'dpop_proof_malformed', () => headerText('"dpop+jwt"')],
  ['a header that is null', 'dpop_proof_malformed', () => headerText('null')],
  [
    'a header after a byte order mark',
    'dpop_proof_malformed',
    () => headerText(`\uFEFF${JSON.stringify(goodHeader())}`),
  ],
  [
    'a header that is no UTF-8',
    'dpop_proof_malformed',
    () => headerText(Buffer.from(JSON.stringify({ ...goodHeader(), note: 'ÿ' }), 'latin1')),
  ],
  ['claims that are no JSON', 'dpop_proof_malformed', () => claimsText('jti=1')],
  ['claims cut short', 'dpop_proof_malformed', () => claimsText(JSON.stringify(goodClaims()).slice(0, -1))],
  ['claims that are an array', 'dpop_proof_malformed', () => claimsText(JSON.stringify([goodClaims()]))],
  ['claims that are a number', 'dpop_proof_malformed', () => claimsText('1')],
  ['claims that are null', 'dpop_proof_malformed', () => claimsText('null')],
  [
    'claims that are no UTF-8',
    'dpop_proof_malformed',
    () => claimsText(Buffer.from(JSON.stringify({ ...goodClaims(), note: 'ÿ' }), 'latin1')),
  ],
  ['8193 characters', 'dpop_proof_too_large', () => prove().padEnd(8193, 'A')],
  ['the largest field that the server accepts', 'dpop_proof_too_large', () => header({ x: 'x'.repeat(11_000) })],
];

const headers: Row[] = [
  ['no typ', 'dpop_type_wrong', () => header({ typ: undefined })],
  ['another typ', 'dpop_type_wrong', () => header({ typ: 'JWT' })],
  ['a typ of another tree', 'dpop_type_wrong', () => header({ typ: 'text/dpop+jwt' })],
  ['a typ with application/ twice', 'dpop_type_wrong', () => header({ typ: 'application/application/dpop+jwt' })],
  ['a typ with application/ inside', 'dpop_type_wrong', () => header({ typ: 'dpop+application/jwt' })],
  ['a typ with a parameter', 'dpop_type_wrong', () => header({ typ: 'dpop+jwt; v=1' })],
  ['a typ with a blank', 'dpop_type_wrong', () => header({ typ: ' dpop+jwt' })],
  ['a typ in an array', 'dpop_type_wrong', () => header({ typ: ['dpop+jwt'] })],
  ['crit', 'dpop_extension_unsupported', () => header({ crit: ['exp'] })],
  ['crit that lists nothing', 'dpop_extension_unsupported', () => header({ crit: [] })],
  ['b64 false', 'dpop_extension_unsupported', () => header({ b64: false })],
  ['b64 true', 'dpop_extension_unsupported', () => header({ b64: true })],
  ['no alg', 'dpop_algorithm_unsupported', () => header({ alg: undefined })],
  ['alg none', 'dpop_algorithm_unsupported', () => header({ alg: 'none' })],
  ['alg HS256', 'dpop_algorithm_unsupported', () => header({ alg: 'HS256' })],
  ['alg in small letters', 'dpop_algorithm_unsupported', () => header({ alg: 'es256' })],
  ['alg in an array', 'dpop_algorithm_unsupported', () => header({ alg: ['ES256'] })],
  ['alg ES256K', 'dpop_algorithm_unsupported', () => header({ alg: 'ES256K' })],
  ['alg constructor', 'dpop_algorithm_unsupported', () => header({ alg: 'constructor' })],
];

const keys: Row[] = [
  ['no jwk', 'dpop_key_malformed', () => header({ jwk: undefined, kid: 'a key of mine' })],
  ['no jwk but a URL for it', 'dpop_key_malformed', () => header({ jwk: undefined, jku: 'https://evil.example/jwks' })],
  ['jwk null', 'dpop_key_malformed', () => header({ jwk: null })],
  ['jwk in an array', 'dpop_key_malformed', () => header({ jwk: [client.jwk] })],
  ['jwk as text', 'dpop_key_malformed', () => header({ jwk: JSON.stringify(client.jwk) })],
  ['the private EC key', 'dpop_key_private', () => header({ jwk: client.privateKey.export({ format: 'jwk' }) })],
  [
    'the private RSA key',
    'dpop_key_private',
    () => prove({ signer: rsa, header: { jwk: rsa.privateKey.export({ format: 'jwk' }) } }),
  ],
  [
    'the private Ed25519 key',
    'dpop_key_private',
    () => prove({ signer: ed, header: { jwk: ed.privateKey.export({ format: 'jwk' }) } }),
  ],
  ['a symmetric key', 'dpop_key_private', () => header({ jwk: { kty: 'oct', k: base64url('a shared secret') } })],
  ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].map(
    (name): Row => [`an EC key with ${name}`, 'dpop_key_private', () => jwk({ [name]: null })],
  ),
  ['kty oct', 'dpop_key_unsuitable', () => jwk({ kty: 'oct' })],
  ['no kty', 'dpop_key_unsuitable', () => jwk({ kty: undefined })],
  ['kty in small letters', 'dpop_key_unsuitable', () => jwk({ kty: 'ec' })],
  ['kty in an array', 'dpop_key_unsuitable', () => jwk({ kty: ['EC'] })],
  ['no crv', 'dpop_key_unsuitable', () => jwk({ crv: undefined })],
  ['crv as OpenSSL names it', 'dpop_key_unsuitable', () => jwk({ crv: 'prime256v1' })],
  ['a key of another curve', 'dpop_key_unsuitable', () => header({ jwk: p384.jwk })],
  ['a key of secp256k1', 'dpop_key_unsuitable', () => header({ jwk: k1 })],
  ['an RSA key for ES256', 'dpop_key_unsuitable', () => header({ jwk: rsa.jwk })],
  ['an EC key for RS256', 'dpop_key_unsuitable', () => header({ alg: 'RS256' })],
  ['a crv beside an RSA key', 'dpop_key_unsuitable', () => rsaJwk({ crv: 'P-256' })],
  ['an Ed25519 key for ES256', 'dpop_key_unsuitable', () => header({ jwk: ed.jwk })],
  ['an Ed448 key for EdDSA', 'dpop_key_unsuitable', () => header({ alg: 'EdDSA', jwk: ed448 })],
  ['an X25519 key for EdDSA', 'dpop_key_unsuitable', () => header({ alg: 'EdDSA', jwk: x25519 })],
  ['a key for encryption', 'dpop_key_unsuitable', () => jwk({ use: 'enc' })],
  ['a use in capitals', 'dpop_key_unsuitable', () => jwk({ use: 'SIG' })],
  ['a use that is null', 'dpop_key_unsuitable', () => jwk({ use: null })],
  ['a use in an array', 'dpop_key_unsuitable', () => jwk({ use: ['sig'] })],
  ['key_ops for key agreement', 'dpop_key_unsuitable', () => jwk({ key_ops: ['deriveKey'] })],
  ['key_ops for signing', 'dpop_key_unsuitable', () => jwk({ key_ops: ['sign'] })],
  ['no operation in key_ops', 'dpop_key_unsuitable', () => jwk({ key_ops: [] })],
  ['key_ops as a string', 'dpop_key_unsuitable', () => jwk({ key_ops: 'verify' })],
  ['key_ops as a string in an object', 'dpop_key_unsuitable', () => jwk({ key_ops: { 0: 'verify', length: 1 } })],
  ['verify twice in key_ops', 'dpop_key_unsuitable', () => jwk({ key_ops: ['verify', 'verify'] })],
  ['sign twice in key_ops, beside verify', 'dpop_key_unsuitable', () => jwk({ key_ops: ['sign', 'verify', 'sign'] })],
  ['an unknown operation twice in key_ops', 'dpop_key_unsuitable', () => jwk({ key_ops: ['verify', 'x', 'x'] })],
  ['a number in key_ops', 'dpop_key_unsuitable', () => jwk({ key_ops: ['verify', 1] })],
  ['null in key_ops', 'dpop_key_unsuitable', () => jwk({ key_ops: ['verify', null] })],
  ['verify in an array in key_ops', 'dpop_key_unsuitable', () => jwk({ key_ops: [['verify']] })],
  ...['encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'deriveKey', 'deriveBits'].map(
    (operation): Row => [
      `the use sig beside key_ops for ${operation}`,
      'dpop_key_unsuitable',
      () => jwk({ use: 'sig', key_ops: ['verify', operation] }),
    ],
  ),
  ['an alg unlike the header', 'dpop_key_unsuitable', () => jwk({ alg: 'ES384' })],
  ['an alg for key agreement', 'dpop_key_unsuitable', () => jwk({ alg: 'ECDH-ES' })],
  ['an alg that is null', 'dpop_key_unsuitable', () => jwk({ alg: null })],
  ['an alg in an array', 'dpop_key_unsuitable', () => jwk({ alg: ['ES256'] })],
  ['an alg that every object has', 'dpop_key_unsuitable', () => jwk({ alg: 'constructor' })],
  ['an RSA key for another padding', 'dpop_key_unsuitable', () => rsaJwk({ alg: 'PS256' })],
  [
    'the neutral element of Ed25519, and a signature that fits each message',
    'dpop_key_malformed',
    () =>
      prove({
        signer: ed,
        header: { jwk: { ...ed.jwk, x: base64url(NEUTRAL) } },
        sign: () => Buffer.concat([NEUTRAL, Buffer.alloc(32)]),
      }),
  ],
  ['no x', 'dpop_key_malformed', () => jwk({ x: undefined })],
  ['no y', 'dpop_key_malformed', () => jwk({ y: undefined })],
  ['x as a number', 'dpop_key_malformed', () => jwk({ x: 1 })],
  ['x null', 'dpop_key_malformed', () => jwk({ x: null })],
  ['y true', 'dpop_key_malformed', () => jwk({ y: true })],
  ['x in an array', 'dpop_key_malformed', () => jwk({ x: [client.jwk.x] })],
  ['x in hex', 'dpop_key_malformed', () => jwk({ x: Buffer.from(String(client.jwk.x), 'base64url').toString('hex') })],
  ['x with padding', 'dpop_key_malformed', () => jwk({ x: `${client.jwk.x}=` })],
  ['x in another spelling', 'dpop_key_malformed', () => jwk({ x: respell(String(client.jwk.x)) })],
  ['x with a zero in front', 'dpop_key_malformed', () => jwk({ x: lengthen(String(client.jwk.x)) })],
  ['x one byte short', 'dpop_key_malformed', () => jwk({ x: base64url(Buffer.alloc(31, 1)) })],
  ['a point off the curve', 'dpop_key_malformed', () => jwk({ x: client.jwk.y, y: client.jwk.x })],
  [
    'the point zero',
    'dpop_key_malformed',
    () => jwk({ x: base64url(Buffer.alloc(32)), y: base64url(Buffer.alloc(32)) }),
  ],
  ['an x beyond the field', 'dpop_key_malformed', () => jwk({ x: base64url(Buffer.alloc(32, 255)) })],
  ['a compressed point', 'dpop_key_malformed', () => jwk({ x: compressed(), y: '' })],
  [
    'an Ed25519 key that is short',
    'dpop_key_malformed',
    () => prove({ signer: ed, header: { jwk: { ...ed.jwk, x: 'AA' } } }),
  ],
  ['no n', 'dpop_key_malformed', () => rsaJwk({ n: undefined })],
  ['n null', 'dpop_key_malformed', () => rsaJwk({ n: null })],
  ['an empty n', 'dpop_key_malformed', () => rsaJwk({ n: '' })],
  ['n with a zero in front', 'dpop_key_malformed', () => rsaJwk({ n: lengthen(String(rsa.jwk.n)) })],
  ['n with padding', 'dpop_key_malformed', () => rsaJwk({ n: `${rsa.jwk.n}=` })],
  ['an RSA key of 1024 bits', 'dpop_key_size', () => rsaJwk({ n: modulus(1024) })],
  ['an RSA key of 2047 bits', 'dpop_key_size', () => rsaJwk({ n: modulus(2047) })],
  ['an RSA key of 4097 bits', 'dpop_key_size', () => rsaJwk({ n: modulus(4097) })],
  ['an RSA key of 16384 bits', 'dpop_key_size', () => rsaJwk({ n: modulus(16_384) })],
  ['no e', 'dpop_key_size', () => rsaJwk({ e: undefined })],
  ['e 1', 'dpop_key_size', () => rsaJwk({ e: 'AQ' })],
  ['e 3', 'dpop_key_size', () => rsaJwk({ e: 'Aw' })],
  ['e of 2048 bits', 'dpop_key_size', () => rsaJwk({ e: modulus(2048) })],
  ['e as a number', 'dpop_key_size', () => rsaJwk({ e: 65_537 })],
];

const lengthen = (coordinate: string) =>
  base64url(Buffer.concat([Buffer.alloc(1), Buffer.from(coordinate, 'base64url')]));
const compressed = () => createECDH('prime256v1').generateKeys('base64url', 'compressed');

const signatures: Row[] = [
  ['the signature of another key', 'dpop_signature_wrong', () => prove({ sign: other.sign })],
  ['the signature of other claims', 'dpop_signature_wrong', () => [...parts().slice(0, 2), parts()[2]].join('.')],
  [
    'a signature in DER',
    'dpop_signature_wrong',
    () => prove({ sign: (text) => sign('sha256', Buffer.from(text), client.privateKey) }),
  ],
  [
    'a signature with one bit changed',
    'dpop_signature_wrong',
    () => signed((s) => Buffer.from(s.map((b, i) => (i ? b : b ^ 1)))),
  ],
  ['a signature one byte short', 'dpop_signature_wrong', () => signed((s) => s.subarray(1))],
  ['a signature one byte long', 'dpop_signature_wrong', () => signed((s) => Buffer.concat([s, Buffer.alloc(1)]))],
  [
    'the halves of a signature the other way round',
    'dpop_signature_wrong',
    () => signed((s) => Buffer.concat([s.subarray(32), s.subarray(0, 32)])),
  ],
  ['a signature of zeros', 'dpop_signature_wrong', () => signed(() => Buffer.alloc(64))],
  ['a signature of ones', 'dpop_signature_wrong', () => signed(() => Buffer.alloc(64, 255))],
  [
    'a signature by another hash',
    'dpop_signature_wrong',
    () =>
      prove({
        sign: (text) => sign('sha512', Buffer.from(text), { key: client.privateKey, dsaEncoding: 'ieee-p1363' }),
      }),
  ],
  ['a PKCS 1 signature for PS256', 'dpop_signature_wrong', () => prove({ signer: rsa, header: { alg: 'PS256' } })],
  [
    'a PSS signature with another salt',
    'dpop_signature_wrong',
    () =>
      prove({
        signer: rsa,
        header: { alg: 'PS256' },
        sign: (text) => sign('sha256', Buffer.from(text), { key: rsa.privateKey, padding: 6, saltLength: 20 }),
      }),
  ],
  ['an RSA signature of zeros', 'dpop_signature_wrong', () => prove({ signer: rsa, sign: () => Buffer.alloc(256) })],
  [
    'an RSA signature as large as the modulus',
    'dpop_signature_wrong',
    () => prove({ signer: rsa, sign: () => Buffer.alloc(256, 255) }),
  ],
  ['an Ed25519 signature of zeros', 'dpop_signature_wrong', () => prove({ signer: ed, sign: () => Buffer.alloc(64) })],
  [
    'an Ed25519 signature that is short',
    'dpop_signature_wrong',
    () => prove({ signer: ed, sign: (text) => ed.sign(text).subarray(1) }),
  ],
  ['a key of exactly 4096 bits', 'dpop_signature_wrong', () => rsaJwk({ n: modulus(4096) })],
  // The bytes of a point of small order, which only Ed25519 has.
  [
    'the point of P-256 whose x is 0',
    'dpop_signature_wrong',
    () => jwk({ x: base64url(Buffer.alloc(32)), y: 'ZkhceA4vg9ckM71dhKBrtlQcKvMdrocXKL-FahdPk_Q' }),
  ],
  ['a modulus that is even', 'dpop_signature_wrong', () => rsaJwk({ n: base64url(Buffer.alloc(256, 0x80)) })],
];

const claimed: Row[] = [
  ['no jti', 'dpop_jti_malformed', () => claims({ jti: undefined })],
  ['an empty jti', 'dpop_jti_malformed', () => claims({ jti: '' })],
  ['jti as a number', 'dpop_jti_malformed', () => claims({ jti: 1 })],
  ['jti in an array', 'dpop_jti_malformed', () => claims({ jti: ['1'] })],
  ['jti null', 'dpop_jti_malformed', () => claims({ jti: null })],
  ['a jti of 257 characters', 'dpop_jti_malformed', () => claims({ jti: 'j'.repeat(257) })],
  ['a jti with NUL', 'dpop_jti_malformed', () => claims({ jti: 'a\0b' })],
  ['a jti with a line break', 'dpop_jti_malformed', () => claims({ jti: 'a\n' })],
  ['a jti beyond ASCII', 'dpop_jti_malformed', () => claims({ jti: 'ä' })],
  ['half a surrogate pair in the jti', 'dpop_jti_malformed', () => claims({ jti: '\ud83d' })],
  ['no htm', 'dpop_claim_malformed', () => claims({ htm: undefined })],
  ['htm in an array', 'dpop_claim_malformed', () => claims({ htm: ['POST'] })],
  ['htm in small letters', 'dpop_htm_mismatch', () => claims({ htm: 'post' })],
  ['htm GET', 'dpop_htm_mismatch', () => claims({ htm: 'GET' })],
  ['an empty htm', 'dpop_htm_mismatch', () => claims({ htm: '' })],
  ['no htu', 'dpop_claim_malformed', () => claims({ htu: undefined })],
  ['htu in an array', 'dpop_claim_malformed', () => claims({ htu: [TOKEN_ENDPOINT] })],
  ['no iat', 'dpop_claim_malformed', () => claims({ iat: undefined })],
  ['iat as a string', 'dpop_claim_malformed', () => claims({ iat: String(seconds()) })],
  ['iat null', 'dpop_claim_malformed', () => claims({ iat: null })],
  ['iat true', 'dpop_claim_malformed', () => claims({ iat: true })],
  ['iat in an array', 'dpop_claim_malformed', () => claims({ iat: [seconds()] })],
  [
    'iat that JSON makes infinite',
    'dpop_claim_malformed',
    () => claimsText(JSON.stringify({ ...goodClaims(), iat: 0 }).replace('"iat":0', '"iat":1e999')),
  ],
  [
    'iat NaN',
    'dpop_proof_malformed',
    () => claimsText(JSON.stringify({ ...goodClaims(), iat: 0 }).replace('"iat":0', '"iat":NaN')),
  ],
  ['iat in milliseconds', 'dpop_proof_too_new', () => claims({ iat: Date.now() })],
  ['iat 65 s ahead', 'dpop_proof_too_new', () => claims({ iat: seconds() + 65 })],
  ['iat far ahead', 'dpop_proof_too_new', () => claims({ iat: 1e308 })],
  ['iat 301 s back', 'dpop_proof_too_old', () => claims({ iat: seconds() - 301 })],
  ['iat 0', 'dpop_proof_too_old', () => claims({ iat: 0 })],
  ['iat far back', 'dpop_proof_too_old', () => claims({ iat: -1e308 })],
  ['exp that is over', 'dpop_proof_too_old', () => claims({ exp: seconds() - 11 })],
  ['exp as a string', 'dpop_claim_malformed', () => claims({ exp: String(seconds() + 60) })],
  ['exp null', 'dpop_claim_malformed', () => claims({ exp: null })],
  ['nbf to come', 'dpop_proof_too_new', () => claims({ nbf: seconds() + 15 })],
  ['nbf as a string', 'dpop_claim_malformed', () => claims({ nbf: '0' })],
  ['nonce as a number', 'dpop_claim_malformed', () => claims({ nonce: 1 })],
  ['nonce null', 'dpop_claim_malformed', () => claims({ nonce: null })],
];

const MISMATCHES = {
  'another host': 'https://other.example/oauth/token',
  'a host that goes on': 'https://auth.example.evil.example/oauth/token',
  'a host with a dot at its end': 'https://auth.example./oauth/token',
  'another port': 'https://auth.example:8443/oauth/token',
  "the other scheme's port": 'https://auth.example:80/oauth/token',
  http: 'http://auth.example/oauth/token',
  'another path': 'https://auth.example/oauth/authorize',
  'a path in capitals': 'https://auth.example/oauth/TOKEN',
  'a slash at the end': 'https://auth.example/oauth/token/',
  'a slash twice': 'https://auth.example/oauth//token',
  'a slash in disguise': 'https://auth.example/oauth%2Ftoken',
  'no path': 'https://auth.example',
  'a path of parameters': 'https://auth.example/oauth/token;a=b',
};
const UNCLEAN = {
  'an empty htu': '',
  'a path alone': '/oauth/token',
  'no scheme': 'auth.example/oauth/token',
  'a scheme alone': 'https:',
  'no slashes': 'https:auth.example/oauth/token',
  'one slash': 'https:/auth.example/oauth/token',
  'three slashes': 'https:///auth.example/oauth/token',
  backslashes: 'https:\\\\auth.example\\oauth\\token',
  'a backslash in the path': 'https://auth.example\\oauth/token',
  'a space in front': ' https://auth.example/oauth/token',
  'a space at the end': 'https://auth.example/oauth/token ',
  'a tab in the host': 'https://auth.ex\tample/oauth/token',
  'a line break in the path': 'https://auth.example/oauth/\ntoken',
  NUL: 'https://auth.example/oauth/token\0',
  userinfo: 'https://user@auth.example/oauth/token',
  'a host that is userinfo': 'https://auth.example:443@evil.example/oauth/token',
  'a host beyond ASCII': 'https://auth.example\u3002/oauth/token',
  'full-width letters': 'https://\uff41uth.example/oauth/token',
  'a soft hyphen': 'https://auth.ex\u00adample/oauth/token',
  'an encoding cut short': 'https://auth.example/oauth/token%2',
  'an encoding that is none': 'https://auth.example/oauth/%zztoken',
  'a port that is none': 'https://auth.example:port/oauth/token',
  'two ports': 'https://auth.example:443:443/oauth/token',
  'a bracket in the path': 'https://auth.example/oauth/token[]',
  'another scheme': 'ftp://auth.example/oauth/token',
  'a quote': 'https://auth.example/oauth/token"',
};

const urls: Row[] = [
  ...Object.entries(MISMATCHES).map(([what, htu]): Row => [`for ${what}`, 'dpop_htu_mismatch', () => claims({ htu })]),
  ...Object.entries(UNCLEAN).map(([what, htu]): Row => [`with ${what}`, 'dpop_htu_malformed', () => claims({ htu })]),
];

const rows = [...form, ...headers, ...keys, ...signatures, ...claimed, ...urls];

describe('POST /oauth/token refuses with invalid_dpop_proof, and leaves the code to its owner, a proof that has', () => {
  it('more than sixty different faults', () => {
    expect(new Set(rows.map(([what]) => what)).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(60);
  });

  it.each(rows)('%s (%s)', async (_what, reason, proof) => {
    const endpoint = createDpopEndpoint();
    expectRefusal(await endpoint.prove(proof()), endpoint, {
      error: 'invalid_dpop_proof',
      description: 'The DPoP proof is invalid',
      reason,
    });
    expect(endpoint.calls).toEqual(['findCode']);

    const answer = await endpoint.prove(prove());
    expect([answer.status, answer.body.token_type]).toEqual([200, 'DPoP']);
  });
});
