declare module 'oidc-token-hash' {
  /** The `at_hash` of a token for an ID token of this algorithm (OpenID Connect Core §3.1.3.6); EdDSA needs its curve. */
  export function generate(token: string, alg: string, crv?: string): string;
  /** @throws AssertionError where the hash is another one. */
  export function validate(
    names: { claim: string; source: string },
    actual: string,
    source: string,
    alg: string,
    crv?: string,
  ): void;
}
