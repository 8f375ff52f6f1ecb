import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { badProofs, badRequests, createDpopProver, type TokenEndpointHost } from '../../lib/testing';
import { robot, signer, worker } from './faults/clients';
import { APP, createHost, description, SECRET } from './faults/host';
import { renderRules } from './rules-page';
import { collectRules, runSuiteRule, type Sent, type Tamper, tamperWith } from './tampering';

const PAGE = join(__dirname, '../../docs/rules.md');
const URL = 'https://auth.example/oauth/token';
const API = 'https://api.example/';
const confidential: TokenEndpointHost = {
  ...description,
  client: { clientId: 'web', clientSecret: SECRET },
  otherClient: worker,
  refresh: 'leeway',
  dpop: 'required',
};
const signing: TokenEndpointHost = {
  ...description,
  client: signer,
  otherClient: robot,
};
const createConfidential = () => createHost(undefined, { requireDpop: true });

const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' };
const TEAPOT: Sent = {
  status: 418,
  headers: JSON_HEADERS,
  body: { error: 'teapot', error_description: 'I am a teapot' },
};

const encode = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');

/** An answer with tokens in which everything is wrong. */
const garble = ({ headers, body: { refresh_token, ...body } }: Sent): Sent => ({
  status: 200,
  headers,
  body: {
    ...body,
    access_token: `${encode({ alg: 'ES256' })}.${encode({})}.AAAA`,
    token_type: 'Neither',
    expires_in: 1,
    scope: 'tampered',
    ...(refresh_token === undefined && { refresh_token: 'one that is not expected' }),
  },
});

/** What a failure says: what is wrong, the answer, what to do, where to read on. */
const linesOf = (message: string) => message.split('\n');

const LOOKUP_ADVICE = [
  'let authenticateClient return null for a client_id that it does not find. A lookup that throws is a 500.',
  'clients',
];
const SECRETS_ADVICE = [
  'let authenticateClient compare the whole secret of this one client, byte for byte and in constant time. createClientAuthentication does.',
  'clients',
];
const ASSERTIONS_ADVICE = [
  'verify that a registered key of the client signed, with an alg of a fixed list, and iss, sub, aud, exp, nbf and jti (RFC 7523 §3, OpenID Connect Core §9). createClientAuthentication does.',
  'clients',
];
const secretNames = [
  'the secret in letters of the other case',
  'the secret with a blank before it',
  'the secret with a blank behind it',
  'the secret with a character before it',
  'the first character of the secret',
  'the last character of the secret',
  'the secret without its last character',
  'the secret form-encoded once more',
  'the secret form-decoded once more',
  'an empty secret',
  'a blank as the secret',
  'a wildcard of SQL as the secret',
  'a condition of SQL as the secret',
  'the client_id as the secret',
  'the secret of another client',
].map((name) => `refuses ${name}, and leaves the code`);
const assertionNames = [
  'with the alg none',
  'without a signature',
  'that is signed with the public key as a secret',
  'by a key that it brings itself',
  'by the key of another client',
  'for another server',
  'whose aud only begins as the right one',
  'without aud',
  'that has expired',
  'without exp',
  'that is not valid yet',
  'without jti',
  'with another iss',
  'with another sub',
  'beside the client_id of another client',
].map((name) => `refuses an assertion ${name}, and leaves the code`);

/** What each failure says: what to do, and where to read on. */
const ADVICE: Record<string, string[]> = {
  'issues tokens for a good code': [
    'correct what issueTokens returns, or the record that findCode returns.',
    'mounting',
  ],
  'accepts JSON as well as a form': [
    'mount createTokenRouter before body parsers, before your 404 page and outside of a login wall, with the path that clients use.',
    'mounting',
  ],
  'names the same issuer, whatever X-Forwarded-Host says': [
    'correct what issueTokens returns, or the record that findCode returns.',
    'mounting',
  ],
  'answers other methods than POST with 405': [
    'mount createTokenRouter before body parsers, before your 404 page and outside of a login wall, with the path that clients use.',
    'mounting',
  ],
  'issues tokens once for ten requests at once': [
    'let consumeCode decide in one atomic step, such as UPDATE … WHERE spent_at IS NULL: no reading before writing.',
    'codes',
  ],
  'refuses a code that was redeemed': [
    'let consumeCode decide in one atomic step, such as UPDATE … WHERE spent_at IS NULL: no reading before writing.',
    'codes',
  ],
  'revokes the tokens when a code is replayed from another address': [
    'pass revokeTokens, and let it revoke the whole grant of the code, access tokens and refresh tokens; find spent codes for as long as their tokens live.',
    'codes',
  ],
  'ends no other login when a code is replayed from another address': [
    'give each login a grantId of its own, a random one, and let revokeTokens end the tokens of that grantId only.',
    'codes',
  ],
  'issues other tokens for each login': [
    'correct the login first: what issueTokens returns for a scope with offline_access, or the record that findCode returns.',
    'codes',
  ],
  'names the one resource that was asked for, of several that were granted': [
    'write exchange.resources into the access token as aud, not the resources of the record.',
    'codes',
  ],
  'refuses an expired code': ['return expiresAt as it was saved, a Date.', 'codes'],
  'refuses a code whose login had no PKCE': [
    'return codeChallenge and codeChallengeMethod as they were saved: PKCE is not optional.',
    'codes',
  ],
  'refuses the code of another client, and leaves it to its owner': ['return clientId as it was saved.', 'codes'],
  'refuses a resource that was not granted': [
    'return resources as they were saved: a list, which a lost column is not.',
    'codes',
  ],
  'binds tokens to the key of the proof': [
    'give createTokenRouter verifyDpop of createDpopVerifier, and the tokenEndpoint that clients use. Write exchange.confirmation into the token as cnf.',
    'dpop',
  ],
  'binds a code to the key that its login named': ['return dpopJkt as it was saved.', 'dpop'],
  'accepts a proof once': [
    'pass consumeJti to createDpopVerifier, one atomic step of a store that all nodes share.',
    'dpop',
  ],
  'asks for a nonce, and accepts it': ['pass nonceSecret to createDpopVerifier.', 'dpop'],
  'binds the refresh token of a public client to its key': [
    'save the jkt of exchange.confirmation with the refresh token, as dpopJkt.',
    'dpop',
  ],
  'issues a refresh token for offline_access, and none without': [
    'issue one if and only if the granted scope has offline_access.',
    'refresh-tokens',
  ],
  'issues a new refresh token for one that is used': [
    'issue a new refresh token where exchange.isRotated, and spend the old one in consumeRefreshToken (RFC 9700 §4.14.2).',
    'refresh-tokens',
  ],
  'spends a refresh token once for ten requests at once': [
    'let consumeRefreshToken decide in one atomic step, such as UPDATE … WHERE spent_at IS NULL: no reading before writing.',
    'refresh-tokens',
  ],
  'ends the login of a refresh token that is used again': [
    'spend refresh tokens in one atomic step, and pass refresh.revokeTokens, which revokes the family. It ends access tokens and refresh tokens.',
    'refresh-tokens',
  ],
  'ends no other login when a refresh token is used again': [
    'give each login a grantId of its own, a random one, and let revokeTokens end the tokens of that grantId only.',
    'refresh-tokens',
  ],
  'keeps a refresh token that stays, and issues none beside it': [
    'return no refresh_token where exchange.isRotated is false, and let refresh.rotates return false for this client.',
    'refresh-tokens',
  ],
  'narrows the scope of an access token, and keeps the grant': [
    'issue the access token for exchange.scope, and save the refresh token with the whole scope (RFC 6749 §6).',
    'refresh-tokens',
  ],
  'refuses the refresh token of another client, and leaves it to its owner': [
    'return clientId as it was saved.',
    'refresh-tokens',
  ],
  'lets pages of https://app.example ask': [
    'list the origin in allowedOrigins, and let no cors() of yours answer before the router.',
    'browsers',
  ],
  'lets pages of https://app.example read answers and refusals': [
    'list the origin in allowedOrigins, and let no cors() of yours answer before the router.',
    'browsers',
  ],
  'refuses a wrong secret, and leaves the code': [
    'let authenticateClient compare the secret, in constant time, and return null where it is wrong.',
    'clients',
  ],
  'refuses a client that has a secret and sends none': [
    "let authenticateClient compare the secret, in constant time, and return null where it is wrong. A client with a secret is never method 'none'.",
    'clients',
  ],
  'accepts a secret in both forms of Basic, encoded and not': [
    'compare both clientSecret and clientSecretAsSent: half of the clients do not encode. createClientAuthentication does.',
    'clients',
  ],
  'refuses a client that nobody registered, and leaves the code': LOOKUP_ADVICE,
  'refuses a client_id that every object has as a member, and leaves the code': LOOKUP_ADVICE,
  'refuses a client that has a key and sends no assertion': [
    "let authenticateClient return null for it. A client with a key is never method 'none'.",
    'clients',
  ],
  'accepts an assertion once': [
    'remember each jti until the exp of its assertion, in one atomic step of a store that all nodes share. createClientAuthentication does, with consumeJti.',
    'clients',
  ],
  'refuses a request without a proof': [
    'write requireDpop: true, or dpopBoundAccessTokens: true for the client.',
    'dpop',
  ],
  'does not let pages of other origins read answers': [
    'do not reflect every origin: list yours in allowedOrigins.',
    'browsers',
  ],
  'does not let pages read answers whose origin looks like https://app.example': [
    'compare the whole origin with ===, as a list in allowedOrigins does. If pages of that origin may ask, add it to origins.',
    'browsers',
  ],
  'limits the failures of an address, whatever it writes into X-Forwarded-For': [
    "set 'trust proxy' to the number of your proxies, never to true.",
    'proxies-and-limits',
  ],
  'limits the guesses of a secret, whatever else changes between them': [
    'count by address: leave rateLimit.keyGenerator out. A key of what a request says of itself, such as Authorization, is a new one for each guess.',
    'proxies-and-limits',
  ],
  'limits only the address that failed': [
    "the app counts all clients as one: set 'trust proxy' to the number of your proxies.",
    'proxies-and-limits',
  ],
  'refuses an assertion by another key, and leaves the code': [
    'verify assertions with the registered keys of the client. createClientAuthentication does.',
    'clients',
  ],
};
const BODIES_ADVICE = [
  "mount createTokenRouter before body parsers, before your 404 page and outside of a login wall, with the path that clients use. Or answer for your parsers: an error handler that sends { error: 'invalid_request' }.",
  'mounting',
];
const REQUESTS_ADVICE = [
  'let adapters, and what runs before the router, refuse nothing that the router decides.',
  'requests-that-must-be-refused',
];
const PROOFS_ADVICE = [
  'give createTokenRouter verifyDpop of createDpopVerifier, and the tokenEndpoint that clients use. Refuse in verifyDpop, before anything is used up.',
  'dpop',
];

const requestNames = [
  ...badRequests({ parsers: true }).map(({ name }) => name),
  ...badRequests({ grantType: 'refresh_token', parsers: true })
    .map(({ name }) => name)
    .filter((name) => /refresh|scope/.test(name)),
];
const bodyNames = badRequests()
  .map(({ name }) => name)
  .slice(0, 6);
const proofs = badProofs(createDpopProver(), { tokenEndpoint: URL, nonces: true });

/** What a rule says of the login that it begins with. */
const LOGIN_FIRST = [
  'correct what issueTokens returns, or the record that findCode returns.',
  'correct the login first: what issueTokens returns for a scope with offline_access, or the record that findCode returns.',
];
const OPEN_TEAPOT: Sent = { ...TEAPOT, headers: { ...JSON_HEADERS, 'access-control-allow-origin': '*' } };
const severalResources = { ...description, resources: [API, 'https://files.example/'] };
const keeping: TokenEndpointHost = { ...description, rotates: false, dpop: 'required' };

/** The first advice of a rule, once the login that it begins with has worked. */
async function adviceOf(name: string, host: TokenEndpointHost, create: () => ReturnType<typeof createHost>) {
  let advice: string[] = [];
  for (let from = 0; ; from += 1) {
    const tamper: Tamper = (index) => (index < from ? undefined : OPEN_TEAPOT);
    const message = await runSuiteRule(name, host, () => tamperWith(create(), tamper).bench);
    if (message === 'passed') return advice;
    const [todo = '', anchor = ''] = linesOf(message).slice(-2);
    advice = [todo.replace('What to do: ', ''), anchor.replace('See docs/guides/testing.md#', '')];
    if (!LOGIN_FIRST.includes(String(advice[0]))) return advice;
  }
}

test('Each rule of describeTokenEndpoint says what to do, and where to read on', async () => {
  const found: Record<string, string[]> = {};
  for (const [host, create] of [
    [description, createHost],
    [confidential, createConfidential],
    [signing, createHost],
    [severalResources, createHost],
    [keeping, () => createHost(undefined, { keeps: true, requireDpop: true })],
  ] as const) {
    for (const { name } of collectRules(host, () => createHost()).rules) {
      found[name] ??= await adviceOf(name, host, () => create());
    }
  }
  expect(found).toEqual({
    ...ADVICE,
    ...Object.fromEntries(secretNames.map((name) => [name, SECRETS_ADVICE])),
    ...Object.fromEntries(assertionNames.map((name) => [name, ASSERTIONS_ADVICE])),
    ...Object.fromEntries(bodyNames.map((name) => [`answers in JSON: ${name}`, BODIES_ADVICE])),
    ...Object.fromEntries(requestNames.map((name) => [`refuses, and spends nothing: ${name}`, REQUESTS_ADVICE])),
    ...Object.fromEntries(
      proofs.map(({ name }) => [`refuses, and spends nothing: a proof with ${name}`, PROOFS_ADVICE]),
    ),
  });
}, 60_000);

it('The rules are those of docs/rules.md; if not, run WRITE_RULES=1 npx jest spec/testing/suite-rules', () => {
  if (process.env.WRITE_RULES === '1') writeFileSync(PAGE, renderRules());
  expect(renderRules()).toBe(readFileSync(PAGE, 'utf8'));
});

describe('A rule that does not apply is skipped, and says why', () => {
  const skippedFor = (host?: TokenEndpointHost) => collectRules(host, () => createHost()).skipped;

  it('for a host that says nothing of itself', () => {
    expect(skippedFor()).toEqual([
      'refuses, and spends nothing: no refresh_token (without refresh)',
      'refuses, and spends nothing: a refresh token that nobody issued (without refresh)',
      'refuses, and spends nothing: refresh_token twice (without refresh)',
      'refuses, and spends nothing: the refresh token in the URL (without refresh)',
      'refuses, and spends nothing: a scope in quotes (without refresh)',
      'refuses, and spends nothing: a scope that was not granted (without refresh)',
      'revokes the tokens when a code is replayed from another address (without refresh, and without revokes and isActive)',
      'ends no other login when a code is replayed from another address (without refresh, and without revokes and isActive)',
      'refuses the code of another client, and leaves it to its owner (without otherClient)',
      'refuses a resource that was not granted (without resources)',
      'names the one resource that was asked for, of several that were granted (without two resources)',
      'refuses a wrong secret, and leaves the code (without client.clientSecret)',
      'refuses a client that has a secret and sends none (without client.clientSecret)',
      'accepts a secret in both forms of Basic, encoded and not (without client.clientSecret)',
      'refuses an assertion by another key, and leaves the code (without client.privateKey)',
      'refuses a client that has a key and sends no assertion (without client.privateKey)',
      'accepts an assertion once (without client.privateKey)',
      'binds tokens to the key of the proof (without dpop)',
      'binds a code to the key that its login named (without dpop)',
      'accepts a proof once (without dpop)',
      'asks for a nonce, and accepts it (without dpop)',
      'refuses a request without a proof (without dpop)',
      'binds the refresh token of a public client to its key (without dpop)',
      'issues a refresh token for offline_access, and none without (without refresh)',
      'issues a new refresh token for one that is used (without refresh)',
      'spends a refresh token once for ten requests at once (without refresh)',
      'ends the login of a refresh token that is used again (without refresh)',
      'ends no other login when a refresh token is used again (without refresh)',
      'narrows the scope of an access token, and keeps the grant (without refresh)',
      'refuses the refresh token of another client, and leaves it to its owner (without refresh)',
      'limits only the address that failed (without proxies)',
    ]);
  });

  it.each<[string, TokenEndpointHost, string[]]>([
    [
      'that takes proofs at a URL that is not known',
      { dpop: true, nonces: true, refresh: true },
      [
        'binds tokens to the key of the proof (without tokenEndpoint)',
        'binds a code to the key that its login named (without tokenEndpoint)',
        'accepts a proof once (without tokenEndpoint)',
        'asks for a nonce, and accepts it (without tokenEndpoint)',
        'refuses a request without a proof (without tokenEndpoint)',
        'binds the refresh token of a public client to its key (without tokenEndpoint)',
      ],
    ],
    [
      'that takes proofs without nonces',
      { dpop: true, tokenEndpoint: URL },
      [
        'asks for a nonce, and accepts it (without nonces)',
        "refuses a request without a proof (dpop is not 'required')",
        'binds the refresh token of a public client to its key (without refresh)',
      ],
    ],
    [
      'whose client has a secret',
      confidential,
      [
        'refuses an assertion by another key, and leaves the code (without client.privateKey)',
        'refuses a client that has a key and sends no assertion (without client.privateKey)',
        'accepts an assertion once (without client.privateKey)',
        'binds the refresh token of a public client to its key (the client authenticates)',
        'ends the login of a refresh token that is used again (a spent refresh token may come again)',
        'ends no other login when a refresh token is used again (a spent refresh token may come again)',
      ],
    ],
    [
      'whose refresh tokens stay',
      keeping,
      [
        'issues a new refresh token for one that is used (refresh tokens stay)',
        'spends a refresh token once for ten requests at once (refresh tokens stay)',
        'ends the login of a refresh token that is used again (refresh tokens stay)',
        'ends no other login when a refresh token is used again (refresh tokens stay)',
      ],
    ],
    [
      'whose tokens show nothing',
      { accessToken: 'opaque', scope: 'read' },
      ['names the same issuer, whatever X-Forwarded-Host says (no token shows its issuer)'],
    ],
    [
      'with a single resource',
      { resources: [API] },
      ['names the one resource that was asked for, of several that were granted (without two resources)'],
    ],
    [
      'whose client has a key',
      signing,
      [
        'refuses a wrong secret, and leaves the code (without client.clientSecret)',
        'refuses a client that has a secret and sends none (without client.clientSecret)',
        'accepts a secret in both forms of Basic, encoded and not (without client.clientSecret)',
        'binds the refresh token of a public client to its key (the client authenticates)',
      ],
    ],
    [
      'whose client sends its secret in the body',
      { client: { clientId: 'a', clientSecret: 'b+', method: 'client_secret_post' } },
      ['accepts a secret in both forms of Basic, encoded and not (the client uses client_secret_post)'],
    ],
    [
      'whose client has a secret that looks the same in both forms',
      { client: { clientId: 'a', clientSecret: 'b' } },
      [
        'accepts a secret in both forms of Basic, encoded and not (the secret is the same in both forms: give the test client one such as a+b%20c)',
      ],
    ],
    [
      'whose client has a secret that only looks as if it were encoded',
      { client: { clientId: 'a', clientSecret: 'S3cr3t+with%plus' } },
      [
        'accepts a secret in both forms of Basic, encoded and not (the secret cannot be form-decoded: give the test client one such as a+b%20c)',
      ],
    ],
    [
      'whose client has a secret that must be encoded, and decodes to itself',
      { client: { clientId: 'a', clientSecret: 'b c/d' } },
      [
        'accepts a secret in both forms of Basic, encoded and not (the secret is the same in both forms: give the test client one such as a+b%20c)',
      ],
    ],
    [
      'without a limit',
      { rateLimit: false, proxies: 1 },
      [
        'limits the failures of an address, whatever it writes into X-Forwarded-For (without rateLimit)',
        'limits the guesses of a secret, whatever else changes between them (without rateLimit)',
        'limits only the address that failed (without rateLimit)',
      ],
    ],
  ])('for a host %s', (_what, host, skipped) => {
    expect(skippedFor(host)).toEqual(expect.arrayContaining(skipped));
  });

  it('only where it does not apply', () => {
    expect(skippedFor(confidential)).toHaveLength(7);
    expect(skippedFor(description)).toHaveLength(8);
    expect(skippedFor({ accessToken: 'opaque', scope: 'read openid' })).not.toEqual(
      expect.arrayContaining([expect.stringContaining('no token shows')]),
    );
    // A public client without DPoP must get another refresh token, whatever the host says.
    for (const client of [{ clientId: 'a', clientSecret: 'b' }, { ...signing.client }] as const) {
      expect(skippedFor({ refresh: true, rotates: false, client: client as never }).join()).toContain(
        '(refresh tokens stay)',
      );
    }
    expect(skippedFor({ refresh: true, rotates: false }).join()).not.toContain('(refresh tokens stay)');
    expect(skippedFor({ refresh: true, rotates: true, dpop: true }).join()).not.toContain('(refresh tokens stay)');
    expect(skippedFor(signing)).toHaveLength(6);
    for (const clientSecret of ['b+', 'b%20', 'a+b%20c']) {
      expect(skippedFor({ client: { clientId: 'a', clientSecret } })).not.toEqual(
        expect.arrayContaining([expect.stringContaining('both forms')]),
      );
    }
  });
});

/** What each answer must be, for a public client. */
const PUBLIC: Record<string, string[]> = {
  'issues tokens for a good code': ['tokens Bearer for read:notes write:notes'],
  'names the same issuer, whatever X-Forwarded-Host says': [
    'tokens Bearer for read:notes write:notes',
    'passed',
    'passed',
  ],
  'accepts JSON as well as a form': ['tokens Bearer for read:notes write:notes'],
  'answers other methods than POST with 405': ['It must be refused with invalid_request, 405.'],
  'refuses a code that was redeemed': [
    'tokens Bearer for read:notes write:notes',
    'It must be refused with invalid_grant, 400.',
  ],
  'revokes the tokens when a code is replayed from another address': [
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'It must be refused with invalid_grant, 400.',
    'It must be refused with invalid_grant, 400.',
  ],
  'ends no other login when a code is replayed from another address': [
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'It must be refused with invalid_grant, 400.',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes write:notes',
  ],
  'issues other tokens for each login': [
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
  ],
  'refuses an expired code': ['It must be refused with invalid_grant, 400.'],
  'refuses a code whose login had no PKCE': [
    'It must be refused with invalid_grant, 400.',
    'It must be refused with invalid_grant, 400.',
  ],
  'refuses the code of another client, and leaves it to its owner': [
    'It must be refused with invalid_grant, 400.',
    'tokens Bearer for read:notes write:notes',
  ],
  'refuses a resource that was not granted': ['It must be refused with invalid_target, 400.'],
  'binds tokens to the key of the proof': [
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'binds a code to the key that its login named': [
    'It must be refused with invalid_dpop_proof, 400.',
    'It must be refused with invalid_grant, 400.',
    'It must be refused with invalid_grant, 400.',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'accepts a proof once': [
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
    'It must be refused with invalid_dpop_proof, 400.',
  ],
  'asks for a nonce, and accepts it': [
    'It must be refused with use_dpop_nonce, 400.',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'binds the refresh token of a public client to its key': [
    'tokens of any type for read:notes write:notes offline_access',
    'tokens of any type for read:notes write:notes offline_access, with a refresh token',
    'It must be refused with invalid_grant, 400.',
    'It must be refused with invalid_grant, 400.',
    'tokens DPoP for read:notes write:notes offline_access, with a refresh token',
  ],
  'issues a refresh token for offline_access, and none without': [
    'tokens of any type for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes write:notes, without a refresh token',
  ],
  'issues a new refresh token for one that is used': [
    'tokens of any type for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
  ],
  'ends the login of a refresh token that is used again': [
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'It must be refused with invalid_grant, 400.',
    'It must be refused with invalid_grant, 400.',
  ],
  'ends no other login when a refresh token is used again': [
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'tokens of any type for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'It must be refused with invalid_grant, 400.',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes write:notes',
  ],
  'narrows the scope of an access token, and keeps the grant': [
    'tokens of any type for read:notes write:notes offline_access, with a refresh token',
    'tokens Bearer for read:notes, with a refresh token',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
  ],
  'refuses the refresh token of another client, and leaves it to its owner': [
    'tokens of any type for read:notes write:notes offline_access, with a refresh token',
    'It must be refused with invalid_grant, 400.',
    'tokens Bearer for read:notes write:notes offline_access, with a refresh token',
  ],
  'lets pages of https://app.example ask': ['The preflight of https://app.example is not allowed.'],
  'lets pages of https://app.example read answers and refusals': [
    'A page of https://app.example cannot read the answer.',
    'A page of https://app.example cannot read the answer.',
  ],
};
const LOOKUP_NEEDS = [
  'It must be refused with invalid_client, 401 or invalid_grant, 400.',
  'It must be refused with invalid_client, 401 or invalid_grant, 400.',
  'tokens Bearer for read:notes write:notes',
];
PUBLIC['refuses a client that nobody registered, and leaves the code'] = LOOKUP_NEEDS;
PUBLIC['refuses a client_id that every object has as a member, and leaves the code'] = LOOKUP_NEEDS;
/** The same for a client with a secret, where each request needs a proof. The first answer to a proof asks for a nonce. */
const CONFIDENTIAL: Record<string, string[]> = {
  'issues tokens for a good code': ['tokens DPoP for read:notes write:notes', 'tokens DPoP for read:notes write:notes'],
  'accepts JSON as well as a form': [
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'answers other methods than POST with 405': ['It must be refused with invalid_request, 405.'],
  'refuses a code that was redeemed': [
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
    'It must be refused with invalid_grant, 400.',
  ],
  'revokes the tokens when a code is replayed from another address': [
    'tokens DPoP for read:notes write:notes offline_access',
    'tokens DPoP for read:notes write:notes offline_access, with a refresh token',
    'It must be refused with invalid_grant, 400.',
    'It must be refused with invalid_grant, 400.',
  ],
  'ends no other login when a code is replayed from another address': [
    'tokens DPoP for read:notes write:notes offline_access',
    'tokens DPoP for read:notes write:notes offline_access, with a refresh token',
    'tokens DPoP for read:notes write:notes offline_access, with a refresh token',
    'It must be refused with invalid_grant, 400.',
    'tokens DPoP for read:notes write:notes offline_access, with a refresh token',
    'tokens DPoP for read:notes write:notes',
  ],
  'issues other tokens for each login': [
    'tokens DPoP for read:notes write:notes offline_access',
    'tokens DPoP for read:notes write:notes offline_access, with a refresh token',
    'tokens DPoP for read:notes write:notes offline_access, with a refresh token',
  ],
  'refuses an expired code': [
    'It must be refused with invalid_grant, 400.',
    'It must be refused with invalid_grant, 400.',
  ],
  'refuses a code whose login had no PKCE': [
    'It must be refused with invalid_grant, 400.',
    'It must be refused with invalid_grant, 400.',
  ],
  'refuses the code of another client, and leaves it to its owner': [
    'It must be refused with invalid_grant, 400.',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'refuses a resource that was not granted': ['It must be refused with invalid_target, 400.'],
  'refuses a wrong secret, and leaves the code': [
    'It must be refused with invalid_client, 401.',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'refuses a client that has a secret and sends none': [
    'It must be refused with invalid_client, 401.',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'accepts a secret in both forms of Basic, encoded and not': [
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'binds tokens to the key of the proof': [
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'binds a code to the key that its login named': [
    'It must be refused with invalid_dpop_proof, 400.',
    'It must be refused with invalid_grant, 400.',
    'It must be refused with invalid_grant, 400.',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'accepts a proof once': [
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
    'It must be refused with invalid_dpop_proof, 400.',
  ],
  'asks for a nonce, and accepts it': [
    'It must be refused with use_dpop_nonce, 400.',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ],
  'refuses a request without a proof': ['It must be refused with invalid_dpop_proof, 400.'],
  'issues a refresh token for offline_access, and none without': [
    'tokens of any type for read:notes write:notes offline_access',
    'tokens of any type for read:notes write:notes offline_access, with a refresh token',
    'tokens DPoP for read:notes write:notes, without a refresh token',
  ],
  'issues a new refresh token for one that is used': [
    'tokens of any type for read:notes write:notes offline_access',
    'tokens of any type for read:notes write:notes offline_access, with a refresh token',
    'tokens DPoP for read:notes write:notes offline_access, with a refresh token',
  ],
  'narrows the scope of an access token, and keeps the grant': [
    'tokens of any type for read:notes write:notes offline_access',
    'tokens of any type for read:notes write:notes offline_access, with a refresh token',
    'tokens DPoP for read:notes, with a refresh token',
    'tokens DPoP for read:notes write:notes offline_access, with a refresh token',
  ],
  'refuses the refresh token of another client, and leaves it to its owner': [
    'tokens of any type for read:notes write:notes offline_access',
    'tokens of any type for read:notes write:notes offline_access, with a refresh token',
    'It must be refused with invalid_grant, 400.',
    'tokens DPoP for read:notes write:notes offline_access, with a refresh token',
  ],
  'lets pages of https://app.example ask': ['The preflight of https://app.example is not allowed.'],
  'lets pages of https://app.example read answers and refusals': [
    'A page of https://app.example cannot read the answer.',
    'A page of https://app.example cannot read the answer.',
    'A page of https://app.example cannot read the answer.',
  ],
};

for (const name of secretNames) {
  CONFIDENTIAL[name] = [
    'It must be refused with invalid_client, 401.',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ];
}
for (const name of ['a client that nobody registered', 'a client_id that every object has as a member']) {
  CONFIDENTIAL[`refuses ${name}, and leaves the code`] = [
    'It must be refused with invalid_client, 401.',
    'It must be refused with invalid_client, 401.',
    'tokens DPoP for read:notes write:notes',
    'tokens DPoP for read:notes write:notes',
  ];
}
/** The same for a client with a key. */
const SIGNING: Record<string, string[]> = {
  'accepts an assertion once': [
    'tokens Bearer for read:notes write:notes',
    'tokens Bearer for read:notes write:notes',
    'It must be refused with invalid_client, 401.',
    'tokens Bearer for read:notes write:notes',
  ],
};
for (const name of [
  ...assertionNames,
  'refuses an assertion by another key, and leaves the code',
  'refuses a client that has a key and sends no assertion',
]) {
  SIGNING[name] = ['It must be refused with invalid_client, 401.', 'tokens Bearer for read:notes write:notes'];
}
for (const name of ['a client that nobody registered', 'a client_id that every object has as a member']) {
  SIGNING[`refuses ${name}, and leaves the code`] = [
    'It must be refused with invalid_client, 401.',
    'It must be refused with invalid_client, 401.',
    'tokens Bearer for read:notes write:notes',
  ];
}

/** What the rule needs in the place of an answer that was replaced: by a refusal that nobody expects, and by tokens in which all is wrong. */
async function needOf(name: string, host: TokenEndpointHost, create: () => ReturnType<typeof createHost>, at: number) {
  let isReached = false;
  const run = (change: (answer: Sent) => Sent) =>
    runSuiteRule(name, host, () => {
      const tamper: Tamper = (index, answer) => {
        if (index !== at) return undefined;
        isReached = true;
        return change(answer);
      };
      return tamperWith(create(), tamper).bench;
    });
  const refused = await run(() => TEAPOT);
  if (!isReached) return undefined;
  if (!refused.includes('- status is 418 (teapot: I am a teapot), and tokens were expected'))
    return linesOf(refused)[0];
  const garbled = await run(garble);
  const type = /no proof was expected/.test(garbled)
    ? 'Bearer'
    : /a proof was sent/.test(garbled)
      ? 'DPoP'
      : 'of any type';
  const [, scope] = /\n {2}- scope lacks '(.*?)', which was granted/.exec(garbled) ?? [];
  const more = /there is no refresh_token\. Return/.test(garbled)
    ? ', with a refresh token'
    : /there is a refresh_token, and none was expected/.test(garbled)
      ? ', without a refresh token'
      : '';
  return `tokens ${type} for ${scope}${more}`;
}

async function needsOf(name: string, host: TokenEndpointHost, create: () => ReturnType<typeof createHost>) {
  const needs: string[] = [];
  for (;;) {
    const need = await needOf(name, host, create, needs.length);
    if (need === undefined) return needs;
    needs.push(need);
  }
}

describe('Each answer is checked', () => {
  it.each(Object.entries(PUBLIC))('where it %s', async (name, needs) => {
    expect(await needsOf(name, description, createHost)).toEqual(needs);
  });

  it.each(Object.entries(CONFIDENTIAL))('of a client with a secret, where it %s', async (name, needs) => {
    expect(await needsOf(name, confidential, createConfidential)).toEqual(needs);
  });

  it.each(Object.entries(SIGNING))('of a client with a key, where it %s', async (name, needs) => {
    expect(await needsOf(name, signing, createHost)).toEqual(needs);
  });

  const LIVE = 'tokens Bearer for read:notes write:notes';
  const OFFLINE = 'read:notes write:notes offline_access, with a refresh token';

  it.each(badRequests({ parsers: true }))(
    'where it refuses, and spends nothing: $name',
    async ({ name, error, status }) => {
      const needs = await needsOf(`refuses, and spends nothing: ${name}`, description, createHost);
      expect(needs).toEqual([`It must be refused with ${error}, ${status}.`, LIVE]);
    },
  );

  it.each(badRequests({ grantType: 'refresh_token', parsers: true }).filter(({ name }) => /refresh|scope/.test(name)))(
    'where it refuses, and spends no refresh token: $name',
    async ({ name, error, status }) => {
      const needs = await needsOf(`refuses, and spends nothing: ${name}`, description, createHost);
      const refusal = `It must be refused with ${error}, ${status}.`;
      expect(needs).toEqual([`tokens of any type for ${OFFLINE}`, refusal, `tokens Bearer for ${OFFLINE}`]);
    },
  );

  it.each(proofs)('where it refuses, and spends nothing: a proof with $name', async ({ name, error, status }) => {
    const needs = await needsOf(`refuses, and spends nothing: a proof with ${name}`, description, createHost);
    const bound = 'tokens DPoP for read:notes write:notes';
    const refusal = `It must be refused with ${error}, ${status}.`;
    expect(needs).toEqual([refusal, ...(error === 'use_dpop_nonce' ? [refusal] : []), bound, bound]);
  });

  it.each(badRequests().slice(0, 6))('where it answers in JSON: $name', async ({ name, error, status }) => {
    const rule = `answers in JSON: ${name}`;
    expect(await needsOf(rule, description, createHost)).toEqual([`It must be refused with ${error}, ${status}.`]);
    const behindParsers = { ...description, parsers: true };
    expect(await needsOf(rule, behindParsers, createHost)).toEqual([`It must be refused with ${error}, 418.`]);
  });
});

const change =
  (at: number, headers: Record<string, string | undefined>): Tamper =>
  (index, answer) => {
    if (index !== at) return undefined;
    const kept = Object.entries({ ...answer.headers, ...headers }).filter(([, value]) => value !== undefined);
    return { ...answer, headers: Object.fromEntries(kept) as Record<string, string> };
  };
const issue: Sent = {
  status: 200,
  headers: JSON_HEADERS,
  body: { access_token: 'a', token_type: 'Bearer', expires_in: 1 },
};
const ORIGIN = 'access-control-allow-origin';
const FIELDS = 'access-control-allow-headers';
const EXPOSED = 'access-control-expose-headers';
const ASK = `lets pages of ${APP} ask`;
const READ = `lets pages of ${APP} read answers and refusals`;
const OTHERS = 'does not let pages of other origins read answers';
const REPLAY = 'revokes the tokens when a code is replayed from another address';
const TEN = 'issues tokens once for ten requests at once';
const REJECTED = 'The answer was 400 invalid_grant.';
const EXPOSES = 'DPoP-Nonce is not exposed: a DPoP login in a browser ends at the first nonce.';
const bearer: TokenEndpointHost = { ...description, dpop: false };

describe('A failure says what is wrong, and what the answer was', () => {
  it.each<[string, string, Tamper, string, string | RegExp, TokenEndpointHost?]>([
    [
      'another Allow',
      'answers other methods than POST with 405',
      change(0, { allow: 'GET' }),
      'Allow must be POST, and is GET.',
      'The answer was 405 invalid_request. The router says: method_not_allowed.',
    ],
    [
      'tokens for two of ten requests',
      TEN,
      (_index, answer) => (answer.status === 400 && !isIssuedTwice() ? issue : undefined),
      '2 of 10 requests were issued tokens for one code.',
      /^The answer was 200, application\/json\. The router says: code_re(deemed|played)\.$/,
    ],
    [
      'tokens for none of ten requests',
      TEN,
      (_index, answer) => (answer.status === 200 ? TEAPOT : undefined),
      '0 of 10 requests were issued tokens for one code.',
      /^The answer was 4\d\d \w+\. The router says: code_re(deemed|played)\.$/,
    ],
    [
      'a loser of ten who is told something else',
      TEN,
      (_index, answer) => (answer.status === 400 ? TEAPOT : undefined),
      'It must be refused with invalid_grant, 400.',
      'The answer was 418 teapot. The router says: code_replayed.',
    ],
    [
      'no nonce with the challenge',
      'asks for a nonce, and accepts it',
      change(0, { 'dpop-nonce': undefined }),
      'The field DPoP-Nonce is missing.',
      'The answer was 400 use_dpop_nonce. The router says: dpop_nonce_missing.',
    ],
    [
      'a preflight for another origin',
      ASK,
      change(0, { [ORIGIN]: 'https://other.example' }),
      `The preflight of ${APP} is not allowed.`,
      'The answer was 204, no body.',
    ],
    [
      'a preflight that does not succeed',
      ASK,
      (_index, answer) => ({ ...answer, status: 300 }),
      `The preflight of ${APP} is not allowed.`,
      'The answer was 300, no body.',
    ],
    [
      'a preflight that allows a form only',
      ASK,
      change(0, { [FIELDS]: 'Content-Type' }),
      'The preflight does not allow authorization, dpop.',
      'The answer was 204, no body.',
    ],
    [
      'a preflight that allows nothing, where proofs are not taken',
      ASK,
      change(0, { [FIELDS]: undefined }),
      'The preflight does not allow content-type, authorization.',
      'The answer was 204, no body.',
      bearer,
    ],
    [
      'a refusal that the page cannot read',
      READ,
      change(0, { [ORIGIN]: undefined }),
      `A page of ${APP} cannot read the answer.`,
      `${REJECTED} The router says: code_unknown.`,
    ],
    [
      'tokens that the page cannot read',
      READ,
      change(1, { [ORIGIN]: undefined }),
      `A page of ${APP} cannot read the answer.`,
      'The answer was 200, application/json. The router says: code_redeemed.',
    ],
    [
      'a nonce that the page cannot read',
      READ,
      change(0, { [EXPOSED]: 'Retry-After' }),
      EXPOSES,
      `${REJECTED} The router says: code_unknown.`,
    ],
    [
      'a nonce with the tokens that the page cannot read',
      READ,
      change(1, { [EXPOSED]: undefined }),
      EXPOSES,
      'The answer was 200, application/json. The router says: code_redeemed.',
    ],
    [
      'a preflight of everybody',
      OTHERS,
      change(0, { [ORIGIN]: '*' }),
      'The preflight of every origin is allowed.',
      'The answer was 405 invalid_request. The router says: method_not_allowed.',
    ],
    [
      'a preflight that reflects the origin',
      OTHERS,
      change(0, { [ORIGIN]: 'https://attacker.example' }),
      'The preflight of every origin is allowed.',
      'The answer was 405 invalid_request. The router says: method_not_allowed.',
    ],
    [
      'an answer for everybody',
      OTHERS,
      change(1, { [ORIGIN]: '*' }),
      'A page of every origin can read the answer.',
      'The answer was 200, application/json. The router says: code_redeemed.',
    ],
    [
      'an answer that reflects the origin',
      OTHERS,
      change(1, { [ORIGIN]: 'https://attacker.example' }),
      'A page of every origin can read the answer.',
      'The answer was 200, application/json. The router says: code_redeemed.',
    ],
  ])('%s: %s', async (_what, rule, tamper, problem, answer, host = description) => {
    const message = await runSuiteRule(rule, host, () => tamperWith(createHost(), tamper).bench);
    const [first, second] = linesOf(message);
    expect(first).toBe(problem);
    expect(second).toEqual(typeof answer === 'string' ? answer : expect.stringMatching(answer));
  });

  it.each<[string, (token: string) => unknown, string, string]>([
    [
      'a token that was never active',
      () => false,
      'The access token must be active before the replay.',
      'The answer was 200, application/json. The router says: code_redeemed.',
    ],
    [
      'a token of which nothing is known',
      () => undefined,
      'The access token must be active before the replay.',
      'The answer was 200, application/json. The router says: code_redeemed.',
    ],
    [
      'a token that stays active',
      () => true,
      'The access token is still active after its code was replayed.',
      `${REJECTED} The router says: code_replayed.`,
    ],
  ])('%s', async (_what, isActive, problem, answer) => {
    const message = await runSuiteRule(REPLAY, description, () => ({ ...createHost(), isActive: isActive as never }));
    expect(linesOf(message).slice(0, 2)).toEqual([problem, answer]);
  });

  it('a refresh token that comes back', async () => {
    const create = () => createHost('a refresh token that is not rotated');
    const message = await runSuiteRule('issues a new refresh token for one that is used', description, create);
    expect(linesOf(message).slice(0, 2)).toEqual([
      'The refresh token was not rotated: the answer has the one that was sent.',
      'The answer was 200, application/json. The router says: refresh_token_redeemed.',
    ]);
  });

  it('tokens for a client that left its secret out', async () => {
    const create = () => createHost('a secret that may be left out');
    const host = { ...confidential, dpop: false };
    const message = await runSuiteRule('refuses a client that has a secret and sends none', host, create);
    expect(linesOf(message).slice(0, 2)).toEqual([
      'It must be refused with invalid_client, 401.',
      'The answer was 200, application/json. The router says: code_redeemed.',
    ]);
  });

  it('another audience than the one of the host', async () => {
    const create = () => createHost('a wrong aud');
    const host = { ...description, resources: undefined, audience: 'https://api.example/' };
    expect(linesOf(await runSuiteRule('issues tokens for a good code', host, create)).slice(0, 3)).toEqual([
      'This is wrong with the token response:',
      "  - access_token: aud is 'https://auth.example/', and 'https://api.example/' was granted. Name the API that was asked for: exchange.resources, or the audience of the record (RFC 9068 §3)",
      'The answer was 200, application/json. The router says: code_redeemed.',
    ]);
  });

  it('everything that is wrong with a refusal', async () => {
    const create = () => tamperWith(createHost(), (_index, answer) => ({ ...answer, headers: {} })).bench;
    expect(linesOf(await runSuiteRule('answers other methods than POST with 405', description, create))).toEqual([
      'These 3 things are wrong with the token response:',
      "  - Content-Type is undefined, not application/json: is this the router's answer?",
      '  - Cache-Control does not have no-store: let nothing of yours change it',
      '  - Pragma is not no-cache: let nothing of yours change it',
      'The answer was 405 invalid_request. The router says: method_not_allowed.',
      'What to do: mount createTokenRouter before body parsers, before your 404 page and outside of a login wall, with the path that clients use.',
      'See docs/guides/testing.md#mounting',
    ]);
  });

  it('everything that is wrong with the tokens', async () => {
    const create = () => tamperWith(createHost(), (_index, answer) => garble(answer)).bench;
    expect(linesOf(await runSuiteRule('issues tokens for a good code', description, create))).toEqual([
      'These 18 things are wrong with the token response:',
      '  - token_type must be Bearer or DPoP',
      "  - token_type is 'Neither', and no proof was expected",
      '  - there is a refresh_token, and the scope has no offline_access (OpenID Connect Core §11)',
      "  - scope has 'tampered', which nobody granted. Issue the scope of the record, or of exchange.scope for a refresh token (RFC 6749 §3.3)",
      "  - scope lacks 'read:notes write:notes', which was granted. If that is intended, expect the scope that you issue",
      '  - access_token: typ is undefined. Write at+jwt, so that no ID token passes for one (RFC 9068 §2.1)',
      ...['iss', 'sub', 'aud', 'client_id', 'exp', 'iat', 'jti'].map(
        (claim) => `  - access_token: there is no ${claim}. RFC 9068 §2.2 requires it`,
      ),
      "  - access_token: client_id is undefined, and 'spa' was expected. Write exchange.client.clientId (RFC 9068 §2.2)",
      "  - access_token: aud is undefined, and 'https://api.example/' was granted. Name the API that was asked for: exchange.resources, or the audience of the record (RFC 9068 §3)",
      "  - access_token: scope lacks 'read:notes write:notes', which was granted. If that is intended, expect the scope that you issue",
      "  - access_token: iss is undefined, and 'https://auth.example/' was expected. Write your issuer identifier, as your metadata has it (RFC 8414 §2)",
      '  - access_token: kid is undefined, and jwks has no such key. Publish the public half of each key that signs (RFC 7517 §4.5)',
      'The answer was 200, application/json. The router says: code_redeemed.',
      'What to do: correct what issueTokens returns, or the record that findCode returns.',
      'See docs/guides/testing.md#mounting',
    ]);
  });
});

/** Whether a second answer was issued before. Each call counts. */
let issuedTwice = 0;
const isIssuedTwice = () => {
  issuedTwice += 1;
  return issuedTwice > 1;
};
beforeEach(() => {
  issuedTwice = 0;
});

describe('A host passes', () => {
  it.each<[string, string, Tamper, TokenEndpointHost?]>([
    ['that lets all origins ask', ASK, change(0, { [ORIGIN]: '*' })],
    ['that answers a preflight with 299', ASK, (_index, answer) => ({ ...answer, status: 299 })],
    ['that lists fields in other letters', ASK, change(0, { [FIELDS]: 'CONTENT-TYPE , Authorization,DPoP' })],
    ['that exposes more fields', READ, change(0, { [EXPOSED]: 'Retry-After, DPOP-Nonce' })],
    ['that exposes no nonce, and takes no proofs', READ, change(0, { [EXPOSED]: undefined }), bearer],
    [
      'that lets no page ask for a proof, and takes none',
      ASK,
      change(0, { [FIELDS]: 'content-type,authorization' }),
      bearer,
    ],
  ])('%s: %s', async (_what, rule, tamper, host = description) => {
    expect(await runSuiteRule(rule, host, () => tamperWith(createHost(), tamper).bench)).toBe('passed');
  });

  it('whose parsers read a body that the router would refuse', async () => {
    const host = { ...description, parsers: true };
    const create = () => tamperWith(createHost(), () => issue).bench;
    expect(await runSuiteRule('answers in JSON: a body of 40 kilobytes', host, create)).toBe('passed');
    expect(linesOf(await runSuiteRule('answers in JSON: a body of 40 kilobytes', description, create))[0]).toBe(
      'It must be refused with invalid_request, 413.',
    );
  });

  it('that lets pages without an origin read answers, if it says so', async () => {
    const opened: Tamper = (_index, answer) => ({ ...answer, headers: { ...answer.headers, [ORIGIN]: 'null' } });
    const create = () => tamperWith(createHost(), opened).bench;
    expect(await runSuiteRule(OTHERS, { ...description, origins: [APP, 'null'] }, create)).toBe('passed');
    expect(linesOf(await runSuiteRule(OTHERS, description, create))[0]).toBe(
      'The preflight of null, as a sandboxed frame of anybody has it, is allowed.',
    );
  });

  it('whose tokens have the audience that it names', async () => {
    const host = { ...description, resources: undefined, audience: 'https://auth.example/' };
    const create = () => createHost('a wrong aud');
    expect(await runSuiteRule('issues tokens for a good code', host, create)).toBe('passed');
  });

  it('without a proxy: it waits until a replay is no double click', async () => {
    expect(await runSuiteRule(REPLAY, { ...description, proxies: 0 }, createHost)).toBe('passed');
  });
});

describe('What a host does not have is not asked for', () => {
  const ALONE = 'ends no other login when a code is replayed from another address';
  const REUSE = 'ends the login of a refresh token that is used again';
  const REFRESHES = 'spends a refresh token once for ten requests at once';
  const KEEPS = 'keeps a refresh token that stays, and issues none beside it';
  const secret = { client: { clientId: 'web', clientSecret: SECRET }, dpop: false, rotates: false };
  it.each<[string, string, TokenEndpointHost, Parameters<typeof createHost>[1]?]>([
    ['without isActive', REPLAY, { revokes: false }],
    ['without isActive', ALONE, { revokes: false }],
    ['without isActive', REUSE, { revokes: false }],
    ['without refresh tokens', REPLAY, { refresh: false }],
    ['without refresh tokens', ALONE, { refresh: false }],
    ['without refresh tokens', 'issues other tokens for each login', { refresh: false }],
    ['that says no limit', TEN, { rateLimit: undefined }],
    ['that says no limit', REFRESHES, { rateLimit: undefined }],
    ['that keeps the tokens of a client with a secret', KEEPS, secret, { keeps: true }],
  ])('%s: %s', async (_what, rule, different, variant = {}) => {
    const create = () => ({
      ...createHost(undefined, variant),
      ...(different.revokes === false && { isActive: undefined }),
    });
    expect(await runSuiteRule(rule, { ...description, ...different }, create as never)).toBe('passed');
  });
});

describe('Ten requests race', () => {
  it.each([
    [27, 11],
    [15, 11],
    [28, 33],
    [false as const, 33],
  ])('as often as a limit of %s allows', async (rateLimit, requests) => {
    const tampered = tamperWith(createHost(undefined, { limit: 1000 }), () => undefined);
    expect(await runSuiteRule(TEN, { ...description, proxies: 0, rateLimit }, () => tampered.bench)).toBe('passed');
    expect(tampered.count()).toBe(requests);
  });

  it('three times, each from another address, behind a proxy', async () => {
    const seen: unknown[] = [];
    const tamper: Tamper = (_index, _answer, req) => void seen.push(req.headers['x-forwarded-for']);
    expect(await runSuiteRule(TEN, description, () => tamperWith(createHost(), tamper).bench)).toBe('passed');
    expect(seen).toHaveLength(33);
    expect(new Set(seen).size).toBe(3);
  });

  it.each<[string, number, string]>([
    ['a limit below nine failures', 8, 'passed'],
    ['a limit of nine failures', 9, 'It must be refused with invalid_grant, 400.'],
  ])('and may be refused by %s', async (_what, rateLimit, ends) => {
    const limited: Tamper = (_index, answer) =>
      answer.status === 400
        ? { ...answer, status: 429, body: { error: 'too_many_requests', error_description: 'Slow down' } }
        : undefined;
    for (const rule of [TEN, 'spends a refresh token once for ten requests at once']) {
      const create = () => tamperWith(createHost(), limited).bench;
      expect(linesOf(await runSuiteRule(rule, { ...description, rateLimit }, create))[0]).toBe(ends);
    }
  });
});

describe('The requests of a rule have', () => {
  const headersOf = async (rule: string, host: TokenEndpointHost, create: () => ReturnType<typeof createHost>) => {
    const seen: IncomingHttpHeaders[] = [];
    const tamper: Tamper = (_index, _answer, req) => void seen.push(req.headers);
    expect(await runSuiteRule(rule, host, () => tamperWith(create(), tamper).bench)).toBe('passed');
    return seen;
  };
  const STRANGERS = [
    'refuses the code of another client, and leaves it to its owner',
    'refuses the refresh token of another client, and leaves it to its owner',
    'refuses a wrong secret, and leaves the code',
    'refuses a client that has a secret and sends none',
  ];

  it.each(STRANGERS)('a proof each, where every request needs one: %s', async (rule) => {
    const seen = await headersOf(rule, confidential, createConfidential);
    expect(seen.map(({ dpop }) => typeof dpop)).toEqual(seen.map(() => 'string'));
  });

  it.each(STRANGERS)('no proof, where none is needed: %s', async (rule) => {
    const seen = await headersOf(rule, { ...confidential, dpop: true }, createHost);
    expect(seen.map(({ dpop }) => dpop)).toEqual(seen.map(() => undefined));
  });

  it('the secret in both forms of Basic', async () => {
    const rule = 'accepts a secret in both forms of Basic, encoded and not';
    const seen = await headersOf(rule, { ...confidential, dpop: false }, createHost);
    const pairs = seen.map(({ authorization }) => Buffer.from(String(authorization).slice(6), 'base64').toString());
    expect(pairs).toEqual(['web:p%2Bq%2525+r%3As', 'web:p+q%25 r:s']);
  });
});

describe('The requests of a rule come from', () => {
  const addressesOf = async (rule: string, different: TokenEndpointHost = {}) => {
    const seen: unknown[] = [];
    const tamper: Tamper = (_index, _answer, req) => void seen.push(req.headers['x-forwarded-for']);
    await runSuiteRule(rule, { ...description, ...different }, () => tamperWith(createHost(), tamper).bench);
    return seen;
  };

  it('another address, for a replay', async () => {
    const [first, second] = await addressesOf(REPLAY);
    expect(second).toBe('2001:db8:ffff::1');
    expect(first).toMatch(/^2001:db8:[\da-f]{4}:[\da-f]{4}::1$/);
    expect(await addressesOf(REPLAY)).not.toEqual([first, second]);
  });

  it('one client behind a proxy, which adds what it likes', async () => {
    expect(await addressesOf('limits the failures of an address, whatever it writes into X-Forwarded-For')).toEqual(
      Array.from({ length: 16 }, (_, index) => `198.51.100.${index}, 2001:db8:1::1`),
    );
  });

  it('one client, which adds what it likes though there is no proxy', async () => {
    const rule = 'limits the failures of an address, whatever it writes into X-Forwarded-For';
    expect(await addressesOf(rule, { proxies: 0 })).toEqual(
      Array.from({ length: 16 }, (_, index) => `198.51.100.${index}`),
    );
  });

  const GUESSES = 'limits the guesses of a secret, whatever else changes between them';

  it.each<[string, number, string | undefined]>([
    ['one address, for guesses that differ in all else', 1, '2001:db8:4::1'],
    ['one address behind two proxies, for such guesses', 2, '2001:db8:4::1, 127.0.0.1'],
    ['here, for such guesses without a proxy', 0, undefined],
  ])('%s', async (_what, proxies, address) => {
    expect(await addressesOf(GUESSES, { proxies })).toEqual(Array.from({ length: 16 }, () => address));
  });

  it.each<[string, TokenEndpointHost, string]>([
    ['a public client', description, 'spa'],
    ['a host that names no client', { ...description, client: undefined }, 'spa'],
    ['a client with a secret', { ...confidential, dpop: false }, 'web'],
    ['a client with a key', signing, 'signer'],
  ])('somebody who says another secret each time: for %s', async (_what, host, clientId) => {
    const seen: IncomingHttpHeaders[] = [];
    const tamper: Tamper = (_index, _answer, req) => void seen.push(req.headers);
    expect(await runSuiteRule(GUESSES, host, () => tamperWith(createHost(), tamper).bench)).toBe('passed');
    const pairs = seen.map(({ authorization }) => Buffer.from(String(authorization).slice(6), 'base64').toString());
    expect(pairs).toEqual(Array.from({ length: 16 }, (_, index) => `${clientId}:a-guess-${index}`));
    for (const name of ['user-agent', 'cookie']) expect(new Set(seen.map((each) => each[name])).size).toBe(16);
  });

  it('one attacker and another client behind two proxies', async () => {
    expect(await addressesOf('limits only the address that failed', { proxies: 2 })).toEqual([
      ...Array.from({ length: 16 }, () => '2001:db8:2::1, 127.0.0.1'),
      '2001:db8:3::1, 127.0.0.1',
    ]);
  });
});
