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

/** What a proof says. */
export interface ProofClaims {
  /** The URL of the endpoint, as your option `tokenEndpoint` has it. */
  htu: string;
  /** @default 'POST' */
  htm?: string | undefined;
  /** The nonce that the server asked for, in its field `DPoP-Nonce`. @default none */
  nonce?: string | undefined;
  /** For a resource server: the proof names this access token by its hash, `ath`. @default none */
  accessToken?: string | undefined;
  /** Seconds. @default now */
  iat?: number | undefined;
  /** @default a random one */
  jti?: string | undefined;
  /** More claims, or others in their place; `undefined` leaves one out. @default {} */
  claims?: Readonly<Record<string, unknown>> | undefined;
  /** The same for the header. @default {} */
  header?: Readonly<Record<string, unknown>> | undefined;
}

/** A client that proves possession of its key (RFC 9449). */
export interface DpopProver {
  alg: AlgorithmName;
  /** The public key, as proofs carry it. */
  jwk: JsonWebKey;
  privateKey: KeyObject;
  /** The RFC 7638 thumbprint of the key: what `dpop_jkt` and `cnf.jkt` hold. */
  jkt: string;
  /** A new proof (RFC 9449 §4.2): the value of a `DPoP` field. */
  proof(claims: ProofClaims): string;
}

/**
 * Makes a client's key and its DPoP proofs, for tests.
 *
 * @throws TypeError where `alg` is no asymmetric algorithm of JWS, or does not fit the key.
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
