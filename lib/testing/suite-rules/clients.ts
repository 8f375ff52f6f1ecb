import { badAssertions } from '../bad-assertions';
import { type ClientAssertionOptions, createClientAssertion } from '../client-assertion';
import { decodeForm } from '../form-encoding';
import { nearSecrets, type SecretClient } from '../near-secrets';
import { createSigner } from '../signing';
import type { TokenEndpointHost } from '../suite-host';
import { FIND_NOTHING, type Rule, type Stage } from '../suite-stage';
import type { TestClient } from '../test-client';
import type { Redemption } from '../token-endpoint';
import { keyOf, secretOf } from './logins';
import { INVALID_CLIENT, INVALID_GRANT, section } from './section';

export function clients({ client, otherClient }: TokenEndpointHost): Rule[] {
  const rule = section('clients');
  const secret = secretOf(client);
  const noSecret = secret === undefined && 'without client.clientSecret';
  const noKey = keyOf(client) === undefined && 'without client.privateKey';
  const isPost = Object(client).method === 'client_secret_post';
  const decoded = secret === undefined ? undefined : decodeForm(secret);
  const authenticate =
    'let authenticateClient compare the secret, in constant time, and return null where it is wrong.';
  const compare =
    'let authenticateClient compare the whole secret of this one client, byte for byte and in constant time. createClientAuthentication does.';
  const verify =
    'verify that a registered key of the client signed, with an alg of a fixed list, and iss, sub, aud, exp, nbf and jti (RFC 7523 §3, OpenID Connect Core §9). createClientAuthentication does.';
  const leavesCode = async (stage: Stage, attempts: Partial<Redemption>[], ...errors: (typeof INVALID_GRANT)[]) => {
    const login = await stage.login();
    const stranger = stage.open({});
    for (const attempt of attempts) {
      stage.expectRefusal(await stranger.redeem({ ...login, ...attempt }), INVALID_CLIENT, ...errors);
    }
    stage.expectTokens(await stage.endpoint.redeem(login), stage.granted());
  };
  const nameless = { clientId: Object(client).clientId };
  return [
    rule(
      'refuses a wrong secret, and leaves the code',
      authenticate,
      (stage) => leavesCode(stage, [{ client: { ...client, clientSecret: `${secret}x` } as TestClient }]),
      noSecret,
    ),
    ...(noSecret ? [] : nearSecrets(client as SecretClient, otherClient)).map((near) =>
      rule(
        `refuses ${near.name}, and leaves the code`,
        compare,
        (stage) => leavesCode(stage, [{ client: { ...client, clientSecret: near.secret } as TestClient }]),
        near.lacks,
      ),
    ),
    rule(
      'refuses a client that has a secret and sends none',
      `${authenticate} A client with a secret is never method 'none'.`,
      (stage) => leavesCode(stage, [{ client: nameless }]),
      noSecret,
    ),
    ...[
      ['a client that nobody registered', 'nobody-registered-this-client'] as const,
      ['a client_id that every object has as a member', 'constructor'] as const,
    ].map(([name, clientId]) =>
      rule(`refuses ${name}, and leaves the code`, FIND_NOTHING, (stage) => {
        const authenticated = noSecret && noKey ? { clientSecret: 'a-secret' } : client;
        const attempts = [{ client: { clientId } }, { client: { ...authenticated, clientId } as TestClient }];
        // Without authenticateClient all clients are public, and the code belongs to another one.
        return leavesCode(stage, attempts, ...(noSecret && noKey ? [INVALID_GRANT] : []));
      }),
    ),
    rule(
      'accepts a secret in both forms of Basic, encoded and not',
      'compare both clientSecret and clientSecretAsSent: half of the clients do not encode. createClientAuthentication does.',
      async (stage) => {
        for (const encodes of [true, false]) {
          const response = await stage.endpoint.redeem({
            ...(await stage.login()),
            client: { ...client, encodes } as TestClient,
          });
          stage.expectTokens(response, stage.granted());
        }
      },
      noSecret,
      isPost && 'the client uses client_secret_post',
      decoded === undefined && 'the secret cannot be form-decoded: give the test client one such as a+b%20c',
      decoded === secret && 'the secret is the same in both forms: give the test client one such as a+b%20c',
    ),
    rule(
      'refuses an assertion by another key, and leaves the code',
      'verify assertions with the registered keys of the client. createClientAuthentication does.',
      (stage) => {
        const { alg } = createSigner(Object(client));
        const { privateKey } = createSigner({ alg });
        const { kid = Object(keyOf(client)).kid } = Object(client);
        return leavesCode(stage, [{ client: { ...client, privateKey, alg, kid } as TestClient }]);
      },
      noKey,
    ),
    rule(
      'refuses a client that has a key and sends no assertion',
      "let authenticateClient return null for it. A client with a key is never method 'none'.",
      (stage) => leavesCode(stage, [{ client: nameless }]),
      noKey,
    ),
    ...(noKey ? [] : badAssertions(client as ClientAssertionOptions, otherClient)).map(({ name, parameters, lacks }) =>
      rule(
        `refuses an assertion ${name}, and leaves the code`,
        verify,
        (stage) => leavesCode(stage, [{ parameters: parameters() }]),
        lacks,
      ),
    ),
    rule(
      'accepts an assertion once',
      'remember each jti until the exp of its assertion, in one atomic step of a store that all nodes share. createClientAuthentication does, with consumeJti.',
      async (stage) => {
        // The first answer brings the nonce, if there are nonces.
        stage.expectTokens(await stage.endpoint.redeem(await stage.login()), stage.granted());
        const parameters = { client_assertion: createClientAssertion(client as ClientAssertionOptions) };
        const used = await stage.endpoint.redeem({ ...(await stage.login()), parameters });
        stage.expectTokens(used, stage.granted());
        const login = await stage.login();
        stage.expectRefusal(await stage.endpoint.redeem({ ...login, parameters }), INVALID_CLIENT);
        stage.expectTokens(await stage.endpoint.redeem(login), stage.granted());
      },
      noKey,
    ),
  ];
}
