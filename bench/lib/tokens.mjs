import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { AUDIENCE, ISSUER, LIFETIME } from './wire.mjs';

/** Which signature the tokens of a mode have; an opaque one has none. */
const ALGORITHMS = { es256: 'ES256', rs256: 'RS256' };

/** A key pair of a mode: the private half as a `KeyObject`, so that nothing is parsed per token. */
export function createKey(mode, modulusLength = 2048) {
  const algorithm = ALGORITHMS[mode];
  const { privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { algorithm, kid: 'key 1', privateKey };
}

export const toJwk = ({ algorithm, kid, privateKey }) => ({
  ...createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' }),
  kid,
  alg: algorithm,
  use: 'sig',
});

export const toPublicPem = ({ privateKey }) => createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });

/** Makes tokens; the same function in every rig that does not sign by itself. */
export function createIssue(mode, { algorithm, kid, privateKey }) {
  const sign = (claims, options) =>
    jsonwebtoken.sign(claims, privateKey, { algorithm, keyid: kid, issuer: ISSUER, expiresIn: LIFETIME, ...options });

  const createAccessToken = ({ clientId, scope, user }, jkt) => {
    if (algorithm === undefined) return randomBytes(32).toString('base64url');
    const claims = { client_id: clientId, scope, ...(jkt && { cnf: { jkt } }) };
    return sign(claims, {
      audience: AUDIENCE,
      subject: user,
      jwtid: randomBytes(16).toString('base64url'),
      header: { typ: 'at+jwt' },
    });
  };

  const createIdToken = ({ clientId, user }, accessToken) => {
    const hash = createHash('sha256').update(accessToken).digest();
    return sign({ at_hash: hash.subarray(0, 16).toString('base64url') }, { audience: clientId, subject: user });
  };

  return {
    createAccessToken,
    createIdToken: (record, accessToken) => (mode === 'rs256' ? createIdToken(record, accessToken) : undefined),
    /** The members of the answer but `token_type`. */
    async issue(record, jkt) {
      const accessToken = createAccessToken(record, jkt);
      const tokens = { access_token: accessToken, expires_in: LIFETIME, scope: record.scope };
      if (mode === 'rs256') tokens.id_token = createIdToken(record, accessToken);
      return tokens;
    },
  };
}
