import { randomUUID } from 'node:crypto';
import type { AlgorithmName } from '../jws/algorithms';
import { createSigner, now, signJws, type TestKey } from './signing';

/** The options of `createClientAssertion`. */
export interface ClientAssertionOptions {
  /** The id of the client: the `iss` and `sub`. */
  clientId: string;
  /** The `aud`: your issuer identifier. */
  audience: string;
  /** The client's private key: a `KeyObject`, a PEM or a JWK. */
  privateKey: TestKey;
  /** The algorithm. @default the one that fits the key */
  alg?: AlgorithmName | undefined;
  /** The `kid` of the key. @default that of a JWK, or none */
  kid?: string | undefined;
  /** Seconds until the assertion expires. @default 60 */
  lifetime?: number | undefined;
  /** More claims. They replace the default ones; `undefined` removes one. @default {} */
  claims?: Readonly<Record<string, unknown>> | undefined;
  /** The same for the header. @default {} */
  header?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Makes a `client_assertion` for `private_key_jwt` (RFC 7523 §2.2, §3), for tests. Each call makes a new `jti`.
 *
 * @throws TypeError if `alg` does not fit the key.
 */
export function createClientAssertion(options: ClientAssertionOptions): string {
  const { clientId, audience, privateKey, lifetime = 60, claims, header } = options;
  const { alg, sign } = createSigner(options);
  const { kid = Object(privateKey).kid } = options;
  const iat = now();
  return signJws(
    { typ: 'JWT', alg, kid, ...header },
    { iss: clientId, sub: clientId, aud: audience, jti: randomUUID(), iat, exp: iat + lifetime, ...claims },
    sign,
  );
}
