import { text } from 'node:stream/consumers';
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, jwtVerify } from 'jose';

/**
 * RFC 9449 §4.3 by jose: reads proofs, and answers each with the thumbprint of its key, or with `null` where it refuses it.
 * What is jose's own is left to jose; htm, htu, jti and the thumbprint are those of the RFC.
 */
const { rules, proofs } = JSON.parse(await text(process.stdin));
const { algorithms, htm, htu, maxTokenAge, clockTolerance } = rules;

async function verify(proof) {
  const options = { typ: 'dpop+jwt', algorithms, maxTokenAge, clockTolerance, requiredClaims: ['jti', 'htm', 'htu'] };
  const { payload } = await jwtVerify(proof, EmbeddedJWK, options);
  if (payload.htm !== htm || payload.htu !== htu || typeof payload.jti !== 'string') return null;
  return calculateJwkThumbprint(decodeProtectedHeader(proof).jwk);
}

console.log(JSON.stringify(await Promise.all(proofs.map((proof) => verify(proof).catch(() => null)))));
