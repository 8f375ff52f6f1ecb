import {
  createHash,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  scryptSync,
  sign,
} from 'node:crypto';
import {
  type ClientAuthenticationOptions,
  createClientAuthentication,
  type RegisteredClient,
} from '../../../lib/clients';
import { memoryJtis } from '../../../lib/stores/memory';
import { createEndpoint, goodForm, type Options } from '../../support/endpoint';

export const ISSUER = 'https://auth.example';
export const TOKEN_ENDPOINT = 'https://auth.example/oauth/token';
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A key of a client, and how it signs. */
export interface AssertionKey {
  alg: string;
  kid: string;
  jwk: JsonWebKey;
  privateKey: KeyObject;
  sign(signed: string): Buffer;
}

const PSS = { padding: 6 };

const HASH: Readonly<Record<string, string>> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' };
const CURVE: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** Makes a key for an algorithm. */
export function createKey(alg: string, kid = `${alg} ${randomUUID()}`): AssertionKey {
  const { privateKey, publicKey } = CURVE[alg]
    ? generateKeyPairSync('ec', { namedCurve: CURVE[alg] })
    : /^(?:RS|PS)/.test(alg)
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ed25519');
  const hash = HASH[alg.slice(-3)] ?? null;
  const signing = CURVE[alg]
    ? { dsaEncoding: 'ieee-p1363' as const }
    : alg.startsWith('PS')
      ? { ...PSS, saltLength: Number(alg.slice(-3)) / 8 }
      : {};
  return {
    alg,
    kid,
    privateKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid },
    sign: (signed) => sign(hash, Buffer.from(signed), { key: privateKey, ...signing }),
  };
}

export const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url');
export const seconds = () => Math.floor(Date.now() / 1000);

/** The key of the client `rp`. */
export const key = createKey('ES256', 'key 1');

/** What an assertion is made of; rows of a spec change one thing. */
export interface Parts {
  key?: AssertionKey;
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  headerText?: string;
  claimsText?: string;
  sign?: (signed: string) => Buffer;
}

export const goodHeader = ({ alg, kid }: AssertionKey = key) => ({ alg, kid });
export const goodClaims = () => ({
  iss: 'rp',
  sub: 'rp',
  aud: ISSUER,
  jti: randomUUID(),
  iat: seconds(),
  exp: seconds() + 60,
});

/** An assertion that is good but for what is asked for. */
export function assert({ key: signer = key, header, claims, headerText, claimsText, ...parts }: Parts = {}): string {
  const { sign: signWith = signer.sign } = parts;
  const head = headerText ?? JSON.stringify({ ...goodHeader(signer), ...header });
  const body = claimsText ?? JSON.stringify({ ...goodClaims(), ...claims });
  const signed = `${base64url(head)}.${base64url(body)}`;
  return `${signed}.${signWith(signed).toString('base64url')}`;
}

export const digestOf = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('base64url')}`;

/** A hash that costs little, as another library of passwords would store it. */
export function scryptOf(
  secret: string,
  { ln = 4, r = 8, p = 1, salt = Buffer.from('0123456789abcdef') } = {},
): string {
  const digest = scryptSync(secret, salt, 32, { N: 2 ** ln, r, p, maxmem: 2 ** 27 });
  const [saltText, digestText] = [salt, digest].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$scrypt$ln=${ln},r=${r},p=${p}$${saltText}$${digestText}`;
}

/** The clients of the specs. */
export const CLIENTS: Readonly<Record<string, RegisteredClient>> = {
  spa: { clientId: 'spa', tokenEndpointAuthMethod: 'none' },
  basic: { clientId: 'basic', tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash: digestOf('s3cret') },
  post: { clientId: 'post', tokenEndpointAuthMethod: 'client_secret_post', clientSecretHash: digestOf('s3cret') },
  rp: { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [key.jwk] } },
};

/** One endpoint with a live code of a client, and the ready authentication. */
export function createClientEndpoint(
  clientId: string,
  options: Partial<ClientAuthenticationOptions> & { clients?: Record<string, RegisteredClient> } = {},
  router: Partial<Options> = {},
) {
  const { clients = {}, ...rest } = options;
  const known = new Map(Object.entries({ ...CLIENTS, ...clients }));
  const found: string[] = [];
  const authenticateClient = createClientAuthentication({
    findClient(id) {
      found.push(id);
      return known.get(id);
    },
    audience: ISSUER,
    ...memoryJtis(),
    ...rest,
  });
  const endpoint = createEndpoint({ record: { clientId }, authenticateClient, ...router });
  const { client_id: _id, ...form } = goodForm();
  return {
    ...endpoint,
    authenticateClient,
    /** The ids that were looked up. */
    found,
    /** The good form without a client. */
    send: (more: Record<string, unknown> = {}) => endpoint.post({ ...form, ...more }),
    assert: (assertion: string, more: Record<string, unknown> = {}) =>
      endpoint.post({ ...form, client_assertion: assertion, client_assertion_type: JWT_BEARER, ...more }),
  };
}
