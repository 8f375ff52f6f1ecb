import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import type { ClientCredentials } from '../../../lib';
import type { TestClient } from '../../../lib/testing';

/** What can be wrong with how this host compares secrets. */
export const SECRET_FAULTS = [
  'a secret in any letter case',
  'a secret whose blanks do not count',
  'a secret of which the beginning is enough',
  'a secret of which the end is enough',
  'a secret after which anything may stand',
  'a secret before which anything may stand',
  'a secret that is decoded once more',
  'a secret that is stored encoded',
  'a secret that is not there if it is blank',
  'a secret that is compared with LIKE',
  'a secret that becomes a part of SQL',
  'a secret that is the client_id at first',
  'a secret of any client',
  'a secret that is compared in one form',
  'a secret that may be left out',
] as const;

/** The same for client assertions. */
export const ASSERTION_FAULTS = [
  'a signature that is not verified',
  'a signature that may be empty',
  'an alg none that is believed',
  'an alg HS256 that is believed',
  'a key that is taken from the header',
  'a key of any client',
  'an aud that is not compared',
  'an aud that is compared at its beginning',
  'an aud that may be missing',
  'an exp that is not compared',
  'an exp that may be missing',
  'an nbf that is not compared',
  'a jti that may be missing',
  'a jti that counts for nothing',
  'an iss that is not compared',
  'a sub that is not compared',
  'a client_id that counts more than the sub',
  'a key that may be left out',
] as const;

export const LOOKUP_FAULTS = ['a client that is not found with an error', 'a client that is any member'] as const;

export type ClientFault =
  | (typeof SECRET_FAULTS)[number]
  | (typeof ASSERTION_FAULTS)[number]
  | (typeof LOOKUP_FAULTS)[number]
  | 'a client that is public if nobody knows it';

export const SECRET = 'p+q%25 r:s';
const AUDIENCE = 'https://auth.example';
const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const KEYS: Record<string, KeyObject> = { signer: newKey(), robot: newKey() };
const SECRETS: Record<string, string> = { web: SECRET, worker: 'another Secret' };

/** Two clients with a secret, and two with a key. */
export const web: TestClient = { clientId: 'web', clientSecret: SECRET };
export const worker: TestClient = { clientId: 'worker', clientSecret: String(SECRETS.worker) };
export const signer = { clientId: 'signer', privateKey: KEYS.signer as KeyObject, audience: AUDIENCE };
export const robot = { clientId: 'robot', privateKey: KEYS.robot as KeyObject, audience: AUDIENCE };

const decode = (text: string) => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};
const parse = (text = '') => JSON.parse(Buffer.from(text, 'base64url').toString());

/** A function authenticateClient that somebody wrote by hand, with at most one fault. */
export function createAuthentication(fault: string | undefined) {
  const has = (one: ClientFault) => fault === one;
  const jtis = new Set<string>();

  function matches(clientId: string, sent: string): boolean {
    const right = String(SECRETS[clientId]);
    if (has('a secret in any letter case')) return sent.toLowerCase() === right.toLowerCase();
    if (has('a secret whose blanks do not count')) return sent.trim() === right.trim();
    if (has('a secret of which the beginning is enough')) return right.startsWith(sent);
    if (has('a secret of which the end is enough')) return right.endsWith(sent);
    if (has('a secret after which anything may stand')) return sent.startsWith(right);
    if (has('a secret before which anything may stand')) return sent.endsWith(right);
    if (has('a secret that is decoded once more')) return [sent, decode(sent)].includes(right);
    if (has('a secret that is stored encoded')) return [right, decode(right)].includes(sent);
    if (has('a secret that is not there if it is blank') && sent.trim() === '') return true;
    if (has('a secret that is compared with LIKE') && sent === '%') return true;
    if (has('a secret that becomes a part of SQL') && sent.endsWith("' OR ''='")) return true;
    if (has('a secret that is the client_id at first') && sent === clientId) return true;
    if (has('a secret of any client')) return Object.values(SECRETS).includes(sent);
    return sent === right;
  }

  function isSigned(assertion: string, clientId: string): boolean {
    const dot = assertion.lastIndexOf('.');
    const [signed, signature] = [assertion.slice(0, dot), assertion.slice(dot + 1)];
    const { alg, jwk } = parse(signed.split('.')[0]);
    if (has('a signature that is not verified')) return true;
    if (has('a signature that may be empty') && signature === '') return true;
    if (alg === 'none') return has('an alg none that is believed');
    const own = createPublicKey(KEYS[clientId] as KeyObject);
    if (alg === 'HS256') {
      const hmac = createHmac('sha256', own.export({ type: 'spki', format: 'pem' }))
        .update(signed)
        .digest('base64url');
      return has('an alg HS256 that is believed') && hmac === signature;
    }
    const brought = has('a key that is taken from the header') && jwk !== undefined;
    const keys = brought
      ? [createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })]
      : has('a key of any client')
        ? Object.values(KEYS).map((key) => createPublicKey(key))
        : [own];
    return keys.some((key) =>
      verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')),
    );
  }

  function isForUs(aud: unknown): boolean {
    if (has('an aud that is not compared')) return true;
    if (has('an aud that is compared at its beginning')) return String(aud).startsWith(AUDIENCE);
    return aud === AUDIENCE || (has('an aud that may be missing') && aud === undefined);
  }

  function isLive({ exp, nbf = 0 }: { exp?: number; nbf?: number }): boolean {
    const now = Date.now() / 1000;
    if (nbf > now && !has('an nbf that is not compared')) return false;
    if (exp === undefined) return has('an exp that may be missing');
    return exp > now || has('an exp that is not compared');
  }

  function isFirst(jti: unknown): boolean {
    if (jti === undefined) return has('a jti that may be missing');
    return jtis.size < jtis.add(String(jti)).size || has('a jti that counts for nothing');
  }

  function verifyAssertion(assertion: string, claimed: string | undefined) {
    const { iss, sub, aud, jti, ...times } = parse(assertion.split('.')[1]);
    const clientId = has('a sub that is not compared') ? iss : sub;
    if (!Object.hasOwn(KEYS, clientId)) return null;
    if (iss !== sub && !has('an iss that is not compared') && !has('a sub that is not compared')) return null;
    if (!isForUs(aud) || !isLive(times) || !isSigned(assertion, clientId) || !isFirst(jti)) return null;
    return { clientId: has('a client_id that counts more than the sub') ? (claimed ?? clientId) : clientId };
  }

  return function authenticateClient(credentials: ClientCredentials) {
    const { clientId = '', method } = credentials;
    if (method === 'private_key_jwt') return verifyAssertion(credentials.clientAssertion, clientId || undefined);
    const isPublic = ['spa', 'native'].includes(clientId);
    if (method === 'none' && isPublic) return { clientId };
    if (method === 'none' && has('a secret that may be left out') && Object.hasOwn(SECRETS, clientId))
      return { clientId };
    if (method === 'none' && has('a key that may be left out') && Object.hasOwn(KEYS, clientId)) return { clientId };
    const isKnown = isPublic || Object.hasOwn(SECRETS, clientId) || Object.hasOwn(KEYS, clientId);
    if (!isKnown && has('a client that is public if nobody knows it')) return { clientId };
    if (!isKnown && has('a client that is not found with an error')) throw new Error('no rows');
    if (has('a client that is any member') && clientId in SECRETS && !isKnown) return Object(SECRETS)[clientId];
    if (method !== 'client_secret_basic' || !Object.hasOwn(SECRETS, clientId)) return null;
    const { clientSecret, clientSecretAsSent = clientSecret } = credentials;
    const forms = has('a secret that is compared in one form') ? [clientSecret] : [clientSecret, clientSecretAsSent];
    return forms.some((form) => matches(clientId, form)) ? { clientId } : null;
  };
}
