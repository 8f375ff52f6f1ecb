import { createHash, createPublicKey, generateKeyPair, randomUUID, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { HTU } from './wire.mjs';

const createPair = promisify(generateKeyPair);
const dsaEncoding = 'ieee-p1363';
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url'));

/** A proof by a key of its own: browsers and apps make one each. */
export async function createProof() {
  const { privateKey, publicKey } = await createPair('ec', { namedCurve: 'P-256' });
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) };
  const claims = { jti: randomUUID(), htm: 'POST', htu: HTU, iat: Math.floor(Date.now() / 1000) };
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding });
  return `${signed}.${signature.toString('base64url')}`;
}

/** What a careful host would write by hand: the checks of RFC 9449 §4.3, and a `jti` that is used once. */
export function createHandWrittenCheck() {
  const used = new Set();

  /** The thumbprint of the key, or `undefined`. */
  return function checkProof(proof) {
    try {
      const [head, payload, signature] = proof.split('.');
      const { typ, alg, jwk } = decode(head);
      const { htm, htu, iat, jti } = decode(payload);
      if (typ !== 'dpop+jwt' || alg !== 'ES256' || jwk.d !== undefined) return undefined;
      const key = createPublicKey({ key: jwk, format: 'jwk' });
      const bytes = Buffer.from(signature, 'base64url');
      if (!verify('sha256', Buffer.from(`${head}.${payload}`), { key, dsaEncoding }, bytes)) return undefined;
      const isFresh = Math.abs(Date.now() / 1000 - iat) <= 300;
      if (htm !== 'POST' || htu !== HTU || !isFresh || used.has(jti)) return undefined;
      used.add(jti);
      const { crv, kty, x, y } = jwk;
      return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
    } catch {
      return undefined;
    }
  };
}
