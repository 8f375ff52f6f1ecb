import { createHash, type KeyObject, randomUUID } from 'node:crypto';
import type { AlgorithmName } from '../jws/algorithms';
import type { JsonWebKey } from '../jws/jwk';
import { jwkThumbprint } from '../jws/thumbprint';
import { createSigner, now, signJws, type TestKey } from './signing';

/** The options of `createDpopProver`. */
export interface DpopProverOptions {
  /** The algorithm of the proofs. @default 'ES256', or the one that fits `privateKey` */
  alg?: AlgorithmName | undefined;
  /** The client's key. @default a new one */
  privateKey?: TestKey | undefined;
}

/** The options of one proof. */
export interface ProofClaims {
  /** The URL of the endpoint, as in your option `tokenEndpoint`. */
  htu: string;
  /** The method. @default 'POST' */
  htm?: string | undefined;
  /** The nonce that the server sent in `DPoP-Nonce`. @default none */
  nonce?: string | undefined;
  /** For a resource server: the access token, whose hash becomes `ath`. @default none */
  accessToken?: string | undefined;
  /** The time of the proof, in seconds since 1970. @default now */
  iat?: number | undefined;
  /** The id of the proof. @default a random one */
  jti?: string | undefined;
  /** More claims. They replace the default ones; `undefined` removes one. @default {} */
  claims?: Readonly<Record<string, unknown>> | undefined;
  /** The same for the header. @default {} */
  header?: Readonly<Record<string, unknown>> | undefined;
}

/** The key of a client, and its DPoP proofs (RFC 9449). */
export interface DpopProver {
  alg: AlgorithmName;
  /** The public key, as in the header of proofs. */
  jwk: JsonWebKey;
  privateKey: KeyObject;
  /** The RFC 7638 thumbprint of the key: what `dpop_jkt` and `cnf.jkt` hold. */
  jkt: string;
  /** Makes a new proof (RFC 9449 §4.2): the value of the header `DPoP`. */
  proof(claims: ProofClaims): string;
}

/**
 * Makes a client's key and its DPoP proofs, for tests.
 *
 * @throws TypeError if `alg` is not an asymmetric algorithm of JWS, or does not fit the key.
 */
export function createDpopProver(options: DpopProverOptions = {}): DpopProver {
  const { alg, privateKey, jwk, sign } = createSigner(options);
  return {
    alg,
    jwk,
    privateKey,
    jkt: jwkThumbprint(privateKey),
    proof({ htu, htm = 'POST', nonce, accessToken, iat = now(), jti = randomUUID(), claims, header }) {
      const ath = accessToken === undefined ? undefined : createHash('sha256').update(accessToken).digest('base64url');
      return signJws({ typ: 'dpop+jwt', alg, jwk, ...header }, { jti, htm, htu, iat, nonce, ath, ...claims }, sign);
    },
  };
}
