import { createHmac, createPublicKey } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type ClientAssertionOptions, createClientAssertion } from './client-assertion';
import { createSigner, now, type TestKey } from './signing';
import type { TestClient } from './test-client';

/** A client assertion that every server must refuse (RFC 7523 §3). */
export interface BadAssertion {
  /** What is wrong with it. */
  name: string;
  /** Makes the parameters to send in the place of the right ones. */
  parameters: () => Record<string, string>;
  /** Why it cannot be made. */
  lacks?: string | undefined;
}

type Members = Readonly<Record<string, unknown>>;

/** Makes assertions with one fault each. All claims are right but the one that is named. */
export function badAssertions(client: ClientAssertionOptions, otherClient: TestClient | undefined): BadAssertion[] {
  const { clientId, audience } = client;
  const other = Object(otherClient) as Partial<ClientAssertionOptions>;
  const stranger = other.clientId ?? 'another-client';
  const make = (claims: Members, header: Members = {}, key: Partial<ClientAssertionOptions> = {}) => {
    const { kid = Object(client.privateKey).kid } = client;
    return createClientAssertion({
      ...client,
      kid,
      ...key,
      claims: { ...client.claims, ...claims },
      header: { ...client.header, ...header },
    });
  };
  const row = (name: string, assertion: () => string, more = {}): BadAssertion => ({
    name,
    parameters: () => ({ client_assertion: assertion(), ...more }),
  });
  const wrong = (name: string, claims: Members, more = {}) => row(name, () => make(claims), more);

  return [
    row('with the alg none', () => sign(make({}, { alg: 'none' }), () => '')),
    row('without a signature', () => sign(make({}), () => '')),
    row('that is signed with the public key as a secret', () =>
      sign(make({}, { alg: 'HS256' }), (signed) =>
        createHmac('sha256', createPublicKey(createSigner(client).privateKey).export({ type: 'spki', format: 'pem' }))
          .update(signed)
          .digest('base64url'),
      ),
    ),
    row('by a key that it brings itself', () => {
      const { jwk, privateKey } = createSigner({ alg: createSigner(client).alg });
      return make({}, { jwk }, { privateKey });
    }),
    {
      ...row('by the key of another client', () =>
        make({}, {}, { privateKey: other.privateKey as TestKey, alg: other.alg }),
      ),
      lacks: lackOfKey(client, other),
    },
    wrong('for another server', { aud: 'https://other-server.example' }),
    wrong('whose aud only begins as the right one', { aud: `${audience}.other-server.example` }),
    wrong('without aud', { aud: undefined }),
    wrong('that has expired', { iat: now() - 7200, exp: now() - 3600 }),
    wrong('without exp', { exp: undefined }),
    wrong('that is not valid yet', { nbf: now() + 1800 }),
    wrong('without jti', { jti: undefined }),
    wrong('with another iss', { iss: stranger }, { client_id: clientId }),
    wrong('with another sub', { sub: stranger }, { client_id: clientId }),
    wrong('beside the client_id of another client', {}, { client_id: stranger }),
  ];
}

function lackOfKey(
  client: ClientAssertionOptions,
  { privateKey }: Partial<ClientAssertionOptions>,
): string | undefined {
  if (privateKey === undefined) return 'without otherClient.privateKey';
  const [own, other] = [client.privateKey, privateKey].map((key) => createSigner({ privateKey: key }).jwk);
  return isDeepStrictEqual(own, other) ? 'both clients have the same key' : undefined;
}

/** Replaces the signature. */
function sign(assertion: string, signature: (signed: string) => string): string {
  const signed = assertion.slice(0, assertion.lastIndexOf('.'));
  return `${signed}.${signature(signed)}`;
}
