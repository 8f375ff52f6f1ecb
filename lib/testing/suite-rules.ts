import { setTimeout } from 'node:timers';
import { badProofs } from './bad-proofs';
import { badRequests } from './bad-requests';
import { allowsField, exposesField, isOpenTo } from './cors';
import { createDpopProver } from './dpop-prover';
import { race } from './race';
import { createSigner } from './signing';
import type { TokenEndpointHost } from './suite-host';
import { type Answer, forwardedFor, type Rule, type Stage } from './suite-stage';
import type { TestClient } from './token-endpoint';

// Captured, because tests of the host may fake timers.
const startTimer = setTimeout;

type Condition = string | false | undefined;
type RuleOf = (name: string, todo: string, run: Rule['run'], ...lacks: Condition[]) => Rule;

const section =
  (anchor: string): RuleOf =>
  (name, todo, run, ...lacks) => ({
    name,
    todo,
    anchor,
    run,
    lacks: lacks.find((each) => typeof each === 'string') as string | undefined,
  });

const INVALID_GRANT = ['invalid_grant', 400] as const;
const INVALID_CLIENT = ['invalid_client', 401] as const;
const INVALID_PROOF = ['invalid_dpop_proof', 400] as const;
const MOUNT_FIRST =
  'mount createTokenRouter before body parsers, before your 404 page and outside of a login wall, with the path that clients use.';

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

function mounting({ parsers }: TokenEndpointHost): Rule[] {
  const rule = section('mounting');
  return [
    rule(
      'issues tokens for a good code',
      'correct what issueTokens returns, or the record that findCode returns.',
      async (stage) => {
        stage.expectTokens(await stage.endpoint.redeem(await stage.login()), stage.granted());
      },
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
  const todo =
    'let adapters refuse nothing that the router decides, and change nothing before consumeCode or consumeRefreshToken.';
  return [
    ...badRequests({ parsers: true }).map(({ name, change, status, error }) =>
      rule(`refuses, and spends nothing: ${name}`, todo, async (stage) => {
        const login = await stage.login();
        stage.expectRefusal(await stage.endpoint.redeem({ ...login, change }), [error, status]);
        stage.expectTokens(await stage.endpoint.redeem(login), stage.granted());
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
            stage.expectTokens(await stage.endpoint.refresh({ refreshToken }), offline(stage));
          },
          !refresh && 'without refresh',
        ),
      ),
  ];
}

function codes({ otherClient, resources, proxies = 0, revokes }: TokenEndpointHost): Rule[] {
  const rule = section('codes');
  const atomic =
    'let consumeCode decide in one atomic step, such as UPDATE … WHERE spent_at IS NULL: no reading before writing.';
  return [
    rule('issues tokens once for ten requests at once', atomic, async (stage) => {
      const login = await stage.login();
      const { issued, refused } = await race(10, () => stage.endpoint.redeem(login));
      stage.check(
        issued.length === 1,
        `${issued.length} of 10 requests were issued tokens for one code.`,
        (issued[1] ?? refused[0]) as Answer,
      );
      for (const response of refused) stage.expectRefusal(response, INVALID_GRANT);
    }),
    rule('refuses a code that was redeemed', atomic, async (stage) => {
      const login = await stage.login();
      stage.expectTokens(await stage.endpoint.redeem(login), stage.granted());
      stage.expectRefusal(await stage.endpoint.redeem(login), INVALID_GRANT);
    }),
    rule(
      'revokes the tokens when a code is replayed from another address',
      'pass revokeTokens, and let it revoke the whole grant of the code; find spent codes for as long as their tokens live.',
      async (stage) => {
        const { isActive = () => true } = stage.bench;
        const login = await stage.login();
        const response = await stage.endpoint.redeem(login);
        stage.expectTokens(response, stage.granted());
        const token = String(response.body.access_token);
        stage.check((await isActive(token)) === true, 'The access token must be active before the replay.', response);
        // Wait, because two requests of one address within 2 s count as a double click.
        if (proxies === 0) await new Promise((resolve) => startTimer(resolve, 2100));
        const headers = forwardedFor('2001:db8:ffff::1', proxies);
        const replay = await stage.endpoint.redeem({ ...login, headers });
        stage.expectRefusal(replay, INVALID_GRANT);
        stage.check(
          (await isActive(token)) === false,
          'The access token is still active after its code was replayed.',
          replay,
        );
      },
      !revokes && 'without revokes and isActive',
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
        stage.expectTokens(await stage.endpoint.redeem(login), stage.granted());
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
  ];
}

const secretOf = (client: TestClient | undefined) => client?.clientSecret;

function clients({ client }: TokenEndpointHost): Rule[] {
  const rule = section('clients');
  const secret = secretOf(client);
  const noSecret = secret === undefined && 'without client.clientSecret';
  const isPlain = secret !== undefined && encodeURIComponent(secret) === secret;
  const isPost = Object(client).method === 'client_secret_post';
  const authenticate =
    'let authenticateClient compare the secret, in constant time, and return null where it is wrong.';
  const leavesCode = async (stage: Stage, different: TestClient) => {
    const login = await stage.login();
    const stranger = stage.open({ client: different });
    stage.expectRefusal(await stranger.redeem(login), INVALID_CLIENT);
    stage.expectTokens(await stage.endpoint.redeem(login), stage.granted());
  };
  return [
    rule(
      'refuses a wrong secret, and leaves the code',
      authenticate,
      (stage) => leavesCode(stage, { ...client, clientSecret: `${secret}x` } as TestClient),
      noSecret,
    ),
    rule(
      'refuses a client that has a secret and sends none',
      `${authenticate} A client with a secret is never method 'none'.`,
      (stage) => leavesCode(stage, { clientId: Object(client).clientId }),
      noSecret,
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
      isPlain && 'give the test client a secret with + and % in it',
    ),
    rule(
      'refuses an assertion by another key, and leaves the code',
      'verify assertions with the registered keys of the client. createClientAuthentication does.',
      (stage) => leavesCode(stage, { ...client, privateKey: createSigner({}).privateKey, alg: 'ES256' } as TestClient),
      Object(client).privateKey === undefined && 'without client.privateKey',
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
        stage.expectTokens(await endpoint.refresh({ refreshToken }), offline(stage, { jkt: stage.prover.jkt }));
      },
      lacks,
      !refresh && 'without refresh',
      secretOf(client) !== undefined && 'the client has a secret',
    ),
  ];
}

function refreshTokens({ refresh, otherClient }: TokenEndpointHost): Rule[] {
  const rule = section('refresh-tokens');
  const lacks = !refresh && 'without refresh';
  return [
    rule(
      'issues a refresh token for offline_access, and none without',
      'issue one if and only if the granted scope has offline_access.',
      async (stage) => {
        await signIn(stage);
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
        stage.expectTokens(response, offline(stage));
        stage.check(
          response.body.refresh_token !== first,
          'The refresh token was not rotated: the answer has the one that was sent.',
          response,
        );
      },
      lacks,
    ),
    rule(
      'ends the login of a refresh token that is used again',
      'spend refresh tokens in one atomic step, and pass refresh.revokeTokens, which revokes the family.',
      async (stage) => {
        const first = await signIn(stage);
        const second = await refreshOnce(stage, first);
        const third = await refreshOnce(stage, second);
        stage.expectRefusal(await stage.endpoint.refresh({ refreshToken: first }), INVALID_GRANT);
        stage.expectRefusal(await stage.endpoint.refresh({ refreshToken: third }), INVALID_GRANT);
      },
      lacks,
      refresh === 'leeway' && 'a spent refresh token may come again',
    ),
    rule(
      'narrows the scope of an access token, and keeps the grant',
      'issue the access token for exchange.scope, and save the refresh token with the whole scope (RFC 6749 §6).',
      async (stage) => {
        const refreshToken = await signIn(stage);
        const [narrow] = String(stage.granted().scope).split(' ');
        const narrowed = await stage.endpoint.refresh({ refreshToken, scope: narrow });
        stage.expectTokens(narrowed, stage.granted({ scope: narrow, refreshToken: true }));
        const again = await stage.endpoint.refresh({ refreshToken: String(narrowed.body.refresh_token) });
        stage.expectTokens(again, offline(stage));
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
        await refreshOnce(stage, refreshToken);
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

/** Signs in with offline_access. Returns the refresh token. */
async function signIn(stage: Stage, endpoint = stage.endpoint): Promise<string> {
  const response = await endpoint.redeem(await stage.login({ scope: offlineScope(stage) }));
  stage.expectTokens(response, offline(stage, { jkt: undefined }));
  return String(response.body.refresh_token);
}

async function refreshOnce(stage: Stage, refreshToken: string): Promise<string> {
  const response = await stage.endpoint.refresh({ refreshToken });
  stage.expectTokens(response, offline(stage));
  return String(response.body.refresh_token);
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
        const Origin = 'https://attacker.example';
        const headers = { Origin, 'Access-Control-Request-Method': 'POST' };
        const preflight = await stage.send({ method: 'OPTIONS', headers });
        stage.check(!isOpenTo(preflight, Origin), 'The preflight of every origin is allowed.', preflight);
        const answer = await stage.endpoint.redeem({ ...(await stage.login()), headers: { Origin } });
        stage.check(!isOpenTo(answer, Origin), 'A page of every origin can read the answer.', answer);
      },
    ),
  ];
}

function limits({ rateLimit = 100, proxies = 0 }: TokenEndpointHost): Rule[] {
  const rule = section('proxies-and-limits');
  const lacks = rateLimit === false && 'without rateLimit';
  /** Fails as often as the limit allows, and once more. Returns the last answer. */
  async function fail(stage: Stage, headersOf: (index: number) => Record<string, string>): Promise<Answer> {
    const guess = (index: number) =>
      stage.endpoint.redeem({ code: 'a-guess', codeVerifier: 'x'.repeat(43), headers: headersOf(index) });
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
          'X-Forwarded-For': [`198.51.100.${index % 250}`, ...(own === undefined ? [] : [own])].join(', '),
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
        stage.expectRefusal(await fail(stage, () => attack), ['too_many_requests', 429]);
        const headers = forwardedFor('2001:db8:3::1', proxies);
        stage.expectTokens(await stage.endpoint.redeem({ ...(await stage.login()), headers }), stage.granted());
      },
      lacks,
      proxies === 0 && 'without proxies',
    ),
  ];
}
