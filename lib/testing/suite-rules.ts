import { setTimeout } from 'node:timers';
import { parseJws } from '../jws/compact';
import { describeValue } from '../received';
import { badAssertions } from './bad-assertions';
import { badProofs } from './bad-proofs';
import { badRequests } from './bad-requests';
import { type ClientAssertionOptions, createClientAssertion } from './client-assertion';
import { allowsField, exposesField, isOpenTo } from './cors';
import { createDpopProver } from './dpop-prover';
import { decodeForm } from './form-encoding';
import { nearOrigins } from './near-origins';
import { nearSecrets, type SecretClient } from './near-secrets';
import { createSigner } from './signing';
import type { TokenEndpointHost } from './suite-host';
import { isActiveOf } from './suite-mistakes';
import { type Answer, FIND_NOTHING, forwardedFor, MOUNT_FIRST, type Rule, type Stage } from './suite-stage';
import type { Redemption, TestClient } from './token-endpoint';

// Captured, because tests of the host may fake timers.
const startTimer = setTimeout;

type Condition = string | false | undefined;
type RuleOf = (name: string, todo: Rule['todo'] | Advice, run: Rule['run'], ...lacks: Condition[]) => Rule;
/** What to do, and what if a request that must be refused is issued tokens. */
type Advice = Required<Pick<Rule, 'todo' | 'accepted'>>;

const section =
  (anchor: string): RuleOf =>
  (name, todo, run, ...lacks) => ({
    name,
    ...(typeof todo === 'string' ? { todo } : todo),
    anchor,
    run,
    lacks: lacks.find((each) => typeof each === 'string') as string | undefined,
  });

const INVALID_GRANT = ['invalid_grant', 400] as const;
const LIMITED = ['too_many_requests', 429] as const;
const INVALID_CLIENT = ['invalid_client', 401] as const;
const INVALID_PROOF = ['invalid_dpop_proof', 400] as const;
const LOGIN_FIRST = 'correct what issueTokens returns, or the record that findCode returns.';
const OFFLINE_FIRST =
  'correct the login first: what issueTokens returns for a scope with offline_access, or the record that findCode returns.';
const SPENDS_NOTHING =
  'change nothing before consumeCode or consumeRefreshToken: findCode, findRefreshToken and authenticateClient only read.';

const ownGrant =
  'give each login a grantId of its own, a random one, and let revokeTokens end the tokens of that grantId only.';

/** Lists the rules of a token endpoint for this host. */
export function listRules(host: TokenEndpointHost): Rule[] {
  return [
    ...mounting(host),
    ...requests(host),
    ...codes(host),
    ...clients(host),
    ...dpop(host),
    ...refreshTokens(host),
    ...browsers(host),
    ...limits(host),
  ];
}

function mounting({ parsers, accessToken, scope = 'openid' }: TokenEndpointHost): Rule[] {
  const rule = section('mounting');
  return [
    rule('issues tokens for a good code', LOGIN_FIRST, async (stage) => {
      stage.expectTokens(await stage.endpoint.redeem(await stage.login()), stage.granted());
    }),
    rule(
      'names the same issuer, whatever X-Forwarded-Host says',
      'write your issuer identifier into tokens as a constant, not from req.hostname, Host or X-Forwarded-Host.',
      async (stage) => {
        const plain = await stage.endpoint.redeem(await stage.login());
        stage.expectTokens(plain, stage.granted(), LOGIN_FIRST);
        for (const [name, value] of [
          ['X-Forwarded-Host', 'evil.example'],
          ['Forwarded', 'host=evil.example;proto=https'],
        ] as const) {
          const response = await stage.endpoint.redeem({ ...(await stage.login()), headers: { [name]: value } });
          // An app may refuse another host: then nobody is misled.
          if (response.status !== 200) continue;
          for (const token of ['access_token', 'id_token']) {
            const [wanted, issuer] = [plain, response].map(({ body }) => claimsOf(body[token]).iss);
            stage.check(
              issuer === wanted,
              `${token}: iss is ${describeValue(issuer)} if ${name} says evil.example, and ${describeValue(wanted)} without it.`,
              response,
            );
          }
        }
      },
      accessToken === 'opaque' && !scope.split(' ').includes('openid') && 'no token shows its issuer',
    ),
    rule('accepts JSON as well as a form', MOUNT_FIRST, async (stage) => {
      const login = await stage.login();
      const response = await stage.endpoint.redeem({
        ...login,
        change: ({ parameters, headers, ...request }) => ({
          ...request,
          parameters,
          headers: { ...headers, 'Content-Type': 'application/json' },
          body: JSON.stringify(Object.fromEntries(parameters)),
        }),
      });
      stage.expectTokens(response, stage.granted());
    }),
    rule('answers other methods than POST with 405', MOUNT_FIRST, async (stage) => {
      const response = await stage.send({ method: 'GET' });
      stage.expectRefusal(response, ['invalid_request', 405]);
      stage.check(response.headers.allow === 'POST', `Allow must be POST, and is ${response.headers.allow}.`, response);
    }),
    ...badRequests()
      .filter(({ name }) => !badRequests({ parsers: true }).some((other) => other.name === name))
      .map(({ name, change, status, error }) =>
        rule(
          `answers in JSON: ${name}`,
          `${MOUNT_FIRST} Or answer for your parsers: an error handler that sends { error: 'invalid_request' }.`,
          async (stage) => {
            const response = await stage.endpoint.redeem({ ...(await stage.login()), change });
            // A body that a parser of the host has read within its own limits is served.
            if (parsers && response.status === 200) return;
            stage.expectRefusal(response, [error, parsers ? response.status : status]);
          },
        ),
      ),
  ];
}

function requests({ refresh }: TokenEndpointHost): Rule[] {
  const rule = section('requests-that-must-be-refused');
  const todo: Advice = {
    todo: 'let adapters, and what runs before the router, refuse nothing that the router decides.',
    accepted:
      'return each field of the record as it was saved: a column that is lost switches its check off. And let nothing before the router change the parameters.',
  };
  return [
    ...badRequests({ parsers: true }).map(({ name, change, status, error }) =>
      rule(`refuses, and spends nothing: ${name}`, todo, async (stage) => {
        const login = await stage.login();
        stage.expectRefusal(await stage.endpoint.redeem({ ...login, change }), [error, status]);
        stage.expectTokens(await stage.endpoint.redeem(login), stage.granted(), SPENDS_NOTHING);
      }),
    ),
    ...badRequests({ grantType: 'refresh_token', parsers: true })
      .filter(({ name }) => /refresh|scope/.test(name))
      .map(({ name, change, status, error }) =>
        rule(
          `refuses, and spends nothing: ${name}`,
          todo,
          async (stage) => {
            const refreshToken = await signIn(stage);
            stage.expectRefusal(await stage.endpoint.refresh({ refreshToken, change }), [error, status]);
            stage.expectTokens(await stage.endpoint.refresh({ refreshToken }), renewed(stage), SPENDS_NOTHING);
          },
          !refresh && 'without refresh',
        ),
      ),
  ];
}

function codes({ otherClient, resources, refresh, revokes }: TokenEndpointHost): Rule[] {
  const rule = section('codes');
  const lacksRevocation = !revokes && !refresh && 'without refresh, and without revokes and isActive';
  const atomic =
    'let consumeCode decide in one atomic step, such as UPDATE … WHERE spent_at IS NULL: no reading before writing.';
  return [
    rule('issues tokens once for ten requests at once', atomic, async (stage) => {
      for (let round = 0; round < roundsOf(stage.host); round += 1) {
        const login = await stage.login();
        const { issued, refused } = await stage.atOnce(10, (endpoint) => endpoint.redeem(login));
        stage.check(
          issued.length === 1,
          `${issued.length} of 10 requests were issued tokens for one code.`,
          (issued[1] ?? refused[0]) as Answer,
        );
        for (const response of refused) stage.expectRefusal(response, ...refusalsOf(stage.host));
      }
    }),
    rule('refuses a code that was redeemed', atomic, async (stage) => {
      const login = await stage.login();
      stage.expectTokens(await stage.endpoint.redeem(login), stage.granted());
      stage.expectRefusal(await stage.endpoint.redeem(login), INVALID_GRANT);
    }),
    rule(
      'revokes the tokens when a code is replayed from another address',
      'pass revokeTokens, and let it revoke the whole grant of the code, access tokens and refresh tokens; find spent codes for as long as their tokens live.',
      async (stage) => {
        const { issued, replay } = await replayCode(stage);
        if (revokes) {
          stage.check(
            (await isActive(stage, issued)) === false,
            'The access token is still active after its code was replayed.',
            replay,
          );
        }
        if (refresh) {
          const refreshed = await stage.endpoint.refresh({ refreshToken: tokenOf(issued) });
          stage.check(
            refreshed.status !== 200,
            'The refresh token still brings tokens after its code was replayed.',
            refreshed,
          );
          stage.expectRefusal(refreshed, INVALID_GRANT);
        }
      },
      lacksRevocation,
    ),
    rule(
      'ends no other login when a code is replayed from another address',
      ownGrant,
      async (stage) => {
        const other = await signInTo(stage);
        await replayCode(stage);
        await expectAlive(stage, other);
      },
      lacksRevocation,
    ),
    rule(
      'issues other tokens for each login',
      'let issueTokens make each token anew: a random jti, a random refresh token, nothing from a cache.',
      async (stage) => {
        const [one, other] = [await signInTo(stage), await signInTo(stage)];
        const jtiOf = ({ body }: Answer) => claimsOf(body.access_token).jti;
        for (const [what, first, second] of [
          ['access token', one.body.access_token, other.body.access_token],
          ['refresh token', one.body.refresh_token, other.body.refresh_token],
          ['jti of the access token', jtiOf(one), jtiOf(other)],
        ]) {
          stage.check(first === undefined || first !== second, `Two logins were issued the same ${what}.`, other);
        }
      },
    ),
    rule('refuses an expired code', 'return expiresAt as it was saved, a Date.', async (stage) => {
      const login = await stage.login({ expiresAt: new Date(Date.now() - 1000) });
      stage.expectRefusal(await stage.endpoint.redeem(login), INVALID_GRANT);
    }),
    rule(
      'refuses a code whose login had no PKCE',
      'return codeChallenge and codeChallengeMethod as they were saved: PKCE is not optional.',
      async (stage) => {
        for (const different of [
          { codeChallenge: null, codeChallengeMethod: null },
          { codeChallengeMethod: 'plain' },
        ]) {
          const login = await stage.login(different).catch(() => undefined);
          if (login) stage.expectRefusal(await stage.endpoint.redeem(login), INVALID_GRANT);
        }
      },
    ),
    rule(
      'refuses the code of another client, and leaves it to its owner',
      'return clientId as it was saved.',
      async (stage) => {
        const login = await stage.login();
        const stranger = stage.open({ client: otherClient });
        stage.expectRefusal(await stranger.redeem(login), INVALID_GRANT);
        stage.expectTokens(await stage.endpoint.redeem(login), stage.granted(), SPENDS_NOTHING);
      },
      !otherClient && 'without otherClient',
    ),
    rule(
      'refuses a resource that was not granted',
      'return resources as they were saved: a list, which a lost column is not.',
      async (stage) => {
        const login = await stage.login();
        const resource = 'https://nobody-granted.example/';
        stage.expectRefusal(await stage.endpoint.redeem({ ...login, resource }), ['invalid_target', 400]);
      },
      !resources && 'without resources',
    ),
    rule(
      'names the one resource that was asked for, of several that were granted',
      'write exchange.resources into the access token as aud, not the resources of the record.',
      async (stage) => {
        for (const resource of Object(resources) as string[]) {
          const response = await stage.endpoint.redeem({ ...(await stage.login()), resource });
          stage.expectTokens(response, stage.granted({ resources: [resource] }));
        }
      },
      !(Number(resources?.length) > 1) && 'without two resources',
    ),
  ];
}

/** How nine of ten requests are refused: a limit below that refuses some of them. */
const refusalsOf = ({ rateLimit = 100 }: TokenEndpointHost) =>
  rateLimit !== false && rateLimit < 9 ? [INVALID_GRANT, LIMITED] : [INVALID_GRANT];

/** How often ten requests race. Each time nine of them fail, which the limit must allow. */
const roundsOf = ({ rateLimit = 100, proxies }: TokenEndpointHost) =>
  rateLimit === false || rateLimit > 27 || proxies ? 3 : 1;

/** Signs in, with offline_access if there are refresh tokens. */
async function signInTo(stage: Stage): Promise<Answer> {
  const { refresh } = stage.host;
  const response = await stage.endpoint.redeem(await stage.login(refresh ? { scope: offlineScope(stage) } : {}));
  stage.expectTokens(response, refresh ? offline(stage) : stage.granted(), refresh ? OFFLINE_FIRST : LOGIN_FIRST);
  return response;
}

const tokenOf = ({ body }: Answer) => String(body.refresh_token);
const isActive = async ({ bench }: Stage, { body }: Answer) => isActiveOf(bench)(String(body.access_token));

/** Redeems a code, and sends it again from another address. */
async function replayCode(stage: Stage): Promise<{ issued: Answer; replay: Answer }> {
  const { proxies = 0, refresh, revokes } = stage.host;
  const login = await stage.login(refresh ? { scope: offlineScope(stage) } : {});
  const issued = await stage.endpoint.redeem(login);
  stage.expectTokens(issued, refresh ? offline(stage) : stage.granted(), refresh ? OFFLINE_FIRST : LOGIN_FIRST);
  if (revokes) {
    stage.check((await isActive(stage, issued)) === true, 'The access token must be active before the replay.', issued);
  }
  // Wait, because two requests of one address within 2 s count as a double click.
  if (proxies === 0) await new Promise((resolve) => startTimer(resolve, 2100));
  const replay = await stage.endpoint.redeem({ ...login, headers: forwardedFor('2001:db8:ffff::1', proxies) });
  stage.expectRefusal(replay, INVALID_GRANT);
  return { issued, replay };
}

/** Fails unless a login goes on, and the user can sign in again. */
async function expectAlive(stage: Stage, other: Answer): Promise<void> {
  const { refresh, revokes } = stage.host;
  if (revokes) {
    const problem = 'The access token of another login is not active any more.';
    stage.check((await isActive(stage, other)) === true, problem, other);
  }
  if (refresh) stage.expectTokens(await stage.endpoint.refresh({ refreshToken: tokenOf(other) }), renewed(stage));
  stage.expectTokens(await stage.endpoint.redeem(await stage.login()), stage.granted());
}

const secretOf = (client: TestClient | undefined) => client?.clientSecret;
const keyOf = (client: TestClient | undefined) => Object(client).privateKey;

function clients({ client, otherClient }: TokenEndpointHost): Rule[] {
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

function dpop({ dpop: takes, tokenEndpoint, nonces, client, refresh }: TokenEndpointHost): Rule[] {
  const rule = section('dpop');
  const lacks = takes ? tokenEndpoint === undefined && 'without tokenEndpoint' : 'without dpop';
  const verify = 'give createTokenRouter verifyDpop of createDpopVerifier, and the tokenEndpoint that clients use.';
  const rows = lacks ? [] : badProofs(createDpopProver(), { tokenEndpoint: String(tokenEndpoint), nonces });
  const open = (stage: Stage) => stage.open({ prover: stage.prover });
  return [
    rule(
      'binds tokens to the key of the proof',
      `${verify} Write exchange.confirmation into the token as cnf.`,
      async (stage) => {
        stage.expectTokens(await open(stage).redeem(await stage.login()), stage.granted({ jkt: stage.prover.jkt }));
      },
      lacks,
    ),
    rule(
      'binds a code to the key that its login named',
      'return dpopJkt as it was saved.',
      async (stage) => {
        const login = await stage.login({ dpopJkt: stage.prover.jkt });
        stage.expectRefusal(await stage.open({}).redeem({ ...login, proof: null }), INVALID_PROOF);
        stage.expectRefusal(await stage.open({ prover: createDpopProver() }).redeem(login), INVALID_GRANT);
        stage.expectTokens(await open(stage).redeem(login), stage.granted({ jkt: stage.prover.jkt }));
      },
      lacks,
    ),
    rule(
      'accepts a proof once',
      'pass consumeJti to createDpopVerifier, one atomic step of a store that all nodes share.',
      async (stage) => {
        const endpoint = open(stage);
        const first = await endpoint.redeem(await stage.login());
        stage.expectTokens(first, stage.granted({ jkt: stage.prover.jkt }));
        const made: string[] = [];
        const proof = (nonce: string | undefined) => {
          made.push(made.at(-1) ?? stage.prover.proof({ htu: String(tokenEndpoint), nonce }));
          return String(made.at(-1));
        };
        stage.expectTokens(
          await endpoint.redeem({ ...(await stage.login()), proof }),
          stage.granted({ jkt: stage.prover.jkt }),
        );
        stage.expectRefusal(await endpoint.redeem({ ...(await stage.login()), proof }), INVALID_PROOF);
      },
      lacks,
    ),
    rule(
      'asks for a nonce, and accepts it',
      'pass nonceSecret to createDpopVerifier.',
      async (stage) => {
        const login = await stage.login();
        const proof = stage.prover.proof({ htu: String(tokenEndpoint) });
        const challenge = await stage.open({}).redeem({ ...login, proof });
        stage.expectRefusal(challenge, ['use_dpop_nonce', 400]);
        stage.check(challenge.headers['dpop-nonce'] !== undefined, 'The field DPoP-Nonce is missing.', challenge);
        stage.expectTokens(await open(stage).redeem(login), stage.granted({ jkt: stage.prover.jkt }));
      },
      lacks,
      !nonces && 'without nonces',
    ),
    rule(
      'refuses a request without a proof',
      'write requireDpop: true, or dpopBoundAccessTokens: true for the client.',
      async (stage) => {
        stage.expectRefusal(await stage.open({}).redeem({ ...(await stage.login()), proof: null }), INVALID_PROOF);
      },
      lacks,
      takes !== 'required' && "dpop is not 'required'",
    ),
    ...rows.map(({ name, proof, status, error }) =>
      rule(
        `refuses, and spends nothing: a proof with ${name}`,
        `${verify} Refuse in verifyDpop, before anything is used up.`,
        async (stage) => {
          const login = await stage.login();
          stage.expectRefusal(await open(stage).redeem({ ...login, proof }), [error, status]);
          stage.expectTokens(await open(stage).redeem(login), stage.granted({ jkt: stage.prover.jkt }));
        },
      ),
    ),
    rule(
      'binds the refresh token of a public client to its key',
      'save the jkt of exchange.confirmation with the refresh token, as dpopJkt.',
      async (stage) => {
        const endpoint = open(stage);
        const refreshToken = await signIn(stage, endpoint);
        stage.expectRefusal(await stage.open({ prover: createDpopProver() }).refresh({ refreshToken }), INVALID_GRANT);
        stage.expectTokens(await endpoint.refresh({ refreshToken }), renewed(stage, { jkt: stage.prover.jkt }));
      },
      lacks,
      !refresh && 'without refresh',
      (secretOf(client) ?? keyOf(client)) !== undefined && 'the client authenticates',
    ),
  ];
}

function refreshTokens(host: TokenEndpointHost): Rule[] {
  const { refresh, otherClient, revokes } = host;
  const rule = section('refresh-tokens');
  const lacks = !refresh && 'without refresh';
  const stays = isKept(host) && 'refresh tokens stay';
  const repeats = refresh === 'leeway' && 'a spent refresh token may come again';
  const spend = 'spend refresh tokens in one atomic step, and pass refresh.revokeTokens, which revokes the family.';
  return [
    rule(
      'issues a refresh token for offline_access, and none without',
      'issue one if and only if the granted scope has offline_access.',
      async (stage) => {
        await signIn(stage, stage.endpoint, stage.todo);
        stage.expectTokens(await stage.endpoint.redeem(await stage.login()), stage.granted({ refreshToken: false }));
      },
      lacks,
    ),
    rule(
      'issues a new refresh token for one that is used',
      'issue a new refresh token where exchange.isRotated, and spend the old one in consumeRefreshToken (RFC 9700 §4.14.2).',
      async (stage) => {
        const first = await signIn(stage);
        const response = await stage.endpoint.refresh({ refreshToken: first });
        stage.expectTokens(response, renewed(stage));
        stage.check(
          response.body.refresh_token !== first,
          'The refresh token was not rotated: the answer has the one that was sent.',
          response,
        );
      },
      lacks,
      stays,
    ),
    rule(
      'spends a refresh token once for ten requests at once',
      'let consumeRefreshToken decide in one atomic step, such as UPDATE … WHERE spent_at IS NULL: no reading before writing.',
      async (stage) => {
        for (let round = 0; round < roundsOf(stage.host); round += 1) {
          const refreshToken = await signIn(stage);
          const { issued, refused } = await stage.atOnce(10, (endpoint) => endpoint.refresh({ refreshToken }));
          // Others may be issued tokens by a leeway: the router knows of them that the token was spent.
          const spent = issued.filter(({ outcome }) => outcome?.reason === 'refresh_token_redeemed');
          stage.check(
            spent.length <= 1,
            `${spent.length} of 10 requests have spent the same refresh token: each has a chain of its own.`,
            spent[1] as Answer,
          );
          for (const response of refused) stage.expectRefusal(response, ...refusalsOf(stage.host));
        }
      },
      lacks,
      stays,
    ),
    rule(
      'ends the login of a refresh token that is used again',
      `${spend} It ends access tokens and refresh tokens.`,
      async (stage) => {
        const first = await signInTo(stage);
        const second = await renew(stage, tokenOf(first));
        const third = await renew(stage, tokenOf(second));
        if (revokes) {
          const problem = 'The access token must be active before the reuse.';
          stage.check((await isActive(stage, third)) === true, problem, third);
        }
        const reuse = await stage.endpoint.refresh({ refreshToken: tokenOf(first) });
        stage.expectRefusal(reuse, INVALID_GRANT);
        stage.expectRefusal(await stage.endpoint.refresh({ refreshToken: tokenOf(third) }), INVALID_GRANT);
        for (const answer of revokes ? [first, second, third] : []) {
          const problem = 'An access token is still active after a refresh token of its login was used again.';
          stage.check((await isActive(stage, answer)) === false, problem, reuse);
        }
      },
      lacks,
      stays,
      repeats,
    ),
    rule(
      'ends no other login when a refresh token is used again',
      ownGrant,
      async (stage) => {
        const other = await signInTo(stage);
        const first = await signIn(stage);
        await refreshOnce(stage, await refreshOnce(stage, first));
        stage.expectRefusal(await stage.endpoint.refresh({ refreshToken: first }), INVALID_GRANT);
        await expectAlive(stage, other);
      },
      lacks,
      stays,
      repeats,
    ),
    ...(refresh && stays
      ? [
          rule(
            'keeps a refresh token that stays, and issues none beside it',
            'return no refresh_token where exchange.isRotated is false, and let refresh.rotates return false for this client.',
            async (stage) => {
              const endpoint = host.dpop ? stage.open({ prover: stage.prover }) : stage.endpoint;
              const refreshToken = await signIn(stage, endpoint);
              const jkt = host.dpop ? stage.prover.jkt : null;
              for (const _use of [1, 2]) {
                const response = await endpoint.refresh({ refreshToken });
                stage.expectTokens(response, renewed(stage, { jkt, refreshToken: false }));
              }
            },
          ),
        ]
      : []),
    rule(
      'narrows the scope of an access token, and keeps the grant',
      'issue the access token for exchange.scope, and save the refresh token with the whole scope (RFC 6749 §6).',
      async (stage) => {
        const refreshToken = await signIn(stage);
        const [narrow] = String(stage.granted().scope).split(' ');
        const narrowed = await stage.endpoint.refresh({ refreshToken, scope: narrow });
        stage.expectTokens(narrowed, renewed(stage, { scope: narrow }));
        // Of tokens that stay, those without DPoP may be rotated all the same.
        const next = narrowed.body.refresh_token ?? refreshToken;
        stage.expectTokens(await stage.endpoint.refresh({ refreshToken: next }), renewed(stage));
      },
      lacks,
    ),
    rule(
      'refuses the refresh token of another client, and leaves it to its owner',
      'return clientId as it was saved.',
      async (stage) => {
        const refreshToken = await signIn(stage);
        const stranger = stage.open({ client: otherClient });
        stage.expectRefusal(await stranger.refresh({ refreshToken }), INVALID_GRANT);
        stage.expectTokens(await stage.endpoint.refresh({ refreshToken }), renewed(stage), SPENDS_NOTHING);
      },
      lacks,
      !otherClient && 'without otherClient',
    ),
  ];
}

/** The expected tokens of a login with offline_access. */
const offline = (stage: Stage, different = {}) =>
  stage.granted({ scope: offlineScope(stage), refreshToken: true, ...different });
const offlineScope = (stage: Stage) => `${stage.granted().scope} offline_access`;

/** The expected tokens of a refresh. */
const renewed = (stage: Stage, different = {}) =>
  offline(stage, { refreshToken: isKept(stage.host) ? undefined : true, idToken: 'optional', ...different });

/** Whether refresh tokens stay. Without a secret, a key or DPoP they must be rotated (RFC 9700 §4.14.2). */
const isKept = ({ rotates, client, dpop: takes }: TokenEndpointHost) =>
  rotates === false && Boolean(takes || secretOf(client) || Object(client).privateKey);

/** Signs in with offline_access. Returns the refresh token. */
async function signIn(stage: Stage, endpoint = stage.endpoint, todo = OFFLINE_FIRST): Promise<string> {
  const response = await endpoint.redeem(await stage.login({ scope: offlineScope(stage) }));
  stage.expectTokens(response, offline(stage, { jkt: undefined }), todo);
  return tokenOf(response);
}

async function renew(stage: Stage, refreshToken: string): Promise<Answer> {
  const response = await stage.endpoint.refresh({ refreshToken });
  stage.expectTokens(response, renewed(stage));
  return response;
}

const refreshOnce = async (stage: Stage, refreshToken: string) => tokenOf(await renew(stage, refreshToken));

/** The claims of a JWT. Nothing is verified. */
function claimsOf(token: unknown): Readonly<Record<string, unknown>> {
  try {
    return parseJws(String(token), 1_000_000).payload;
  } catch {
    return {};
  }
}

function browsers({ origins = [], dpop: takes }: TokenEndpointHost): Rule[] {
  const rule = section('browsers');
  const todo = 'list the origin in allowedOrigins, and let no cors() of yours answer before the router.';
  const fields = ['content-type', 'authorization', ...(takes ? ['dpop'] : [])];
  return [
    ...origins.flatMap((origin) => [
      rule(`lets pages of ${origin} ask`, todo, async (stage) => {
        const headers = {
          Origin: origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': fields.join(','),
        };
        const response = await stage.send({ method: 'OPTIONS', headers });
        const isAllowed = isOpenTo(response, origin) && response.status < 300;
        stage.check(isAllowed, `The preflight of ${origin} is not allowed.`, response);
        const missing = fields.filter((field) => !allowsField(response, origin, field));
        stage.check(missing.length === 0, `The preflight does not allow ${missing.join(', ')}.`, response);
      }),
      rule(`lets pages of ${origin} read answers and refusals`, todo, async (stage) => {
        const headers = { Origin: origin };
        const login = await stage.login();
        for (const response of [
          await stage.endpoint.redeem({ ...login, headers, code: 'unknown' }),
          await stage.endpoint.redeem({ ...login, headers }),
        ]) {
          stage.check(isOpenTo(response, origin), `A page of ${origin} cannot read the answer.`, response);
          const isExposed = !takes || exposesField(response, origin, 'dpop-nonce');
          stage.check(
            isExposed,
            'DPoP-Nonce is not exposed: a DPoP login in a browser ends at the first nonce.',
            response,
          );
        }
      }),
    ]),
    rule(
      'does not let pages of other origins read answers',
      'do not reflect every origin: list yours in allowedOrigins.',
      async (stage) => {
        await expectClosed(stage, 'https://attacker.example', 'every origin');
        if (!origins.includes('null'))
          await expectClosed(stage, 'null', 'null, as a sandboxed frame of anybody has it,');
      },
    ),
    ...origins
      .map((origin) => [origin, nearOrigins(origin).filter((near) => !origins.includes(near.origin))] as const)
      .filter(([, near]) => near.length > 0)
      .map(([origin, near]) =>
        rule(
          `does not let pages read answers whose origin looks like ${origin}`,
          'compare the whole origin with ===, as a list in allowedOrigins does. If pages of that origin may ask, add it to origins.',
          async (stage) => {
            for (const { origin: other, mistake } of near) await expectClosed(stage, other, `${other} (${mistake})`);
          },
        ),
      ),
  ];
}

/** Fails if pages of this origin can read a preflight or an answer. */
async function expectClosed(stage: Stage, Origin: string, what: string): Promise<void> {
  const headers = { Origin, 'Access-Control-Request-Method': 'POST' };
  const preflight = await stage.send({ method: 'OPTIONS', headers });
  stage.check(!isOpenTo(preflight, Origin), `The preflight of ${what} is allowed.`, preflight);
  const answer = await stage.endpoint.redeem({ ...(await stage.login()), headers: { Origin } });
  stage.check(!isOpenTo(answer, Origin), `A page of ${what} can read the answer.`, answer);
}

function limits({ rateLimit = 100, proxies = 0, client }: TokenEndpointHost): Rule[] {
  const rule = section('proxies-and-limits');
  const lacks = rateLimit === false && 'without rateLimit';
  /** Fails as often as the limit allows, and once more. Returns the last answer. */
  async function fail(stage: Stage, differencesOf: (index: number) => Partial<Redemption>): Promise<Answer> {
    const guess = (index: number) =>
      stage.endpoint.redeem({ code: 'a-guess', codeVerifier: 'x'.repeat(43), ...differencesOf(index) });
    for (let index = 0; index < Number(rateLimit); index += 1) await guess(index);
    return guess(Number(rateLimit));
  }
  return [
    rule(
      'limits the failures of an address, whatever it writes into X-Forwarded-For',
      "set 'trust proxy' to the number of your proxies, never to true.",
      async (stage) => {
        const own = forwardedFor('2001:db8:1::1', proxies)['X-Forwarded-For'];
        const response = await fail(stage, (index) => ({
          headers: { 'X-Forwarded-For': [`198.51.100.${index % 250}`, ...(own === undefined ? [] : [own])].join(', ') },
        }));
        stage.expectRefusal(response, ['too_many_requests', 429]);
      },
      lacks,
    ),
    rule(
      'limits the guesses of a secret, whatever else changes between them',
      'count by address: leave rateLimit.keyGenerator out. A key of what a request says of itself, such as Authorization, is a new one for each guess.',
      async (stage) => {
        const attack = forwardedFor('2001:db8:4::1', proxies);
        const response = await fail(stage, (index) => ({
          client: { clientId: 'spa', ...client, clientSecret: `a-guess-${index}` } as TestClient,
          headers: { ...attack, 'User-Agent': `guess/${index}`, Cookie: `guess=${index}` },
        }));
        stage.expectRefusal(response, ['too_many_requests', 429]);
      },
      lacks,
    ),
    rule(
      'limits only the address that failed',
      "the app counts all clients as one: set 'trust proxy' to the number of your proxies.",
      async (stage) => {
        const attack = forwardedFor('2001:db8:2::1', proxies);
        stage.expectRefusal(await fail(stage, () => ({ headers: attack })), ['too_many_requests', 429]);
        const headers = forwardedFor('2001:db8:3::1', proxies);
        stage.expectTokens(await stage.endpoint.redeem({ ...(await stage.login()), headers }), stage.granted());
      },
      lacks,
      proxies === 0 && 'without proxies',
    ),
  ];
}
