import type { RequestHandler } from 'express';
import { describeTokenEndpoint, inspectTokenRouter, type TokenEndpointHost } from '../../lib/testing';
import { robot, signer } from './faults/clients';
import { APP, createHost, description, type Fault, SECRET } from './faults/host';

const confidential: TokenEndpointHost = { ...description, client: { clientId: 'web', clientSecret: SECRET } };
const signing: TokenEndpointHost = { ...description, client: signer, otherClient: robot };
const doctor = { nodes: 2, proxies: 1, origins: [APP], ignore: ['rate_limit_per_node'] } as const;

/** The rules of the suite for a host with this fault, and how each ends. */
function listRules(host: TokenEndpointHost, fault?: Fault) {
  const rules: { name: string; run: () => Promise<void> }[] = [];
  const test = Object.assign((name: string, run: () => Promise<void>) => rules.push({ name, run }), { skip: () => {} });
  describeTokenEndpoint(test, () => createHost(fault), host);
  return rules;
}

/** The failures of the rules that have such a name. */
async function failuresOf(host: TokenEndpointHost, fault: Fault, names: RegExp): Promise<Record<string, string>> {
  const failures: Record<string, string> = {};
  for (const { name, run } of listRules(host, fault)) {
    if (!names.test(name)) continue;
    await run().catch((thrown: Error) => {
      failures[name] = thrown.message;
    });
  }
  return failures;
}

/** One rule of each section, and those that the rows are about. */
const SOME = /^(?!refuses, and spends nothing: (?!another redirect_uri))/;

describe('A host without a fault', () => {
  describe('passes the suite, with a public client', () => {
    describeTokenEndpoint(test, () => createHost(), description);
  });

  describe('passes the suite, with a secret', () => {
    const create = () => createHost(undefined, { requireDpop: true });
    describeTokenEndpoint(test, create, { ...confidential, refresh: 'leeway', dpop: 'required' });
  });

  describe('passes the suite, with several resources', () => {
    const resources = ['https://api.example/', 'https://files.example/'];
    describeTokenEndpoint(test, () => createHost(), { ...description, resources });
  });

  describe('passes the suite, with another typ and refresh tokens that stay', () => {
    const create = () => createHost(undefined, { typ: 'JWT', keeps: true, requireDpop: true });
    describeTokenEndpoint(test, create, { ...description, typ: 'JWT', rotates: false, dpop: 'required' });
  });

  describe('passes the suite, behind what asks for https and a host', () => {
    const before: RequestHandler = (req, res, next) =>
      req.secure && req.hostname === 'auth.example' && req.get('host') === 'node.internal'
        ? next()
        : res.redirect(308, `https://auth.example${req.originalUrl}`);
    const headers = { Host: 'node.internal' };
    describeTokenEndpoint(test, () => createHost(undefined, { before }), { ...description, headers });
  });

  describe('passes the suite, with a key', () => {
    describeTokenEndpoint(test, () => createHost(), signing);
  });

  it('passes the doctor', async () => {
    expect(await inspectTokenRouter(createHost().app, doctor)).toEqual([]);
  });
});

interface Found {
  fault: Fault;
  /** Of the suite: the rule that fails, and what its message says. */
  rule?: string;
  says?: string;
  /** Of the doctor. */
  code?: string;
  host?: TokenEndpointHost;
}

const TWELVE: Found[] = [
  {
    fault: 'a consume that races',
    rule: 'issues tokens once for ten requests at once',
    says: 'let consumeCode decide in one atomic step',
  },
  {
    fault: 'a lost column',
    rule: 'refuses, and spends nothing: another redirect_uri',
    says: 'return each field of the record as it was saved: a column that is lost switches its check off',
  },
  {
    fault: 'a wrong aud',
    rule: 'issues tokens for a good code',
    says: "aud is 'https://auth.example/', and 'https://api.example/' was granted. Name the API",
  },
  {
    fault: 'a missing cnf',
    rule: 'binds tokens to the key of the proof',
    says: 'Write the claim cnf: exchange.confirmation',
  },
  {
    fault: 'a widened scope',
    rule: 'narrows the scope of an access token, and keeps the grant',
    says: 'issue the access token for exchange.scope',
  },
  {
    fault: 'a proxy that is not trusted',
    rule: 'limits only the address that failed',
    says: "set 'trust proxy' to the number of your proxies",
    code: 'trust_proxy_missing',
  },
  {
    fault: 'a parser that answers HTML',
    rule: 'answers in JSON: JSON that is cut short',
    says: 'mount createTokenRouter before body parsers',
    code: 'body_parser_answers',
  },
  {
    fault: 'a refresh token that is not rotated',
    rule: 'issues a new refresh token for one that is used',
    says: 'The refresh token was not rotated',
  },
  {
    fault: 'a secret that is compared in one form',
    rule: 'accepts a secret in both forms of Basic, encoded and not',
    says: 'compare both clientSecret and clientSecretAsSent',
    host: confidential,
  },
  {
    fault: 'a tokenEndpoint unlike the mount path',
    rule: 'issues tokens for a good code',
    says: 'No token router has seen the request',
    code: 'token_endpoint_unreachable',
  },
  { fault: 'a nonce secret of one process', code: 'nonce_secret_unshared' },
  {
    fault: 'a replay that revokes nothing',
    rule: 'revokes the tokens when a code is replayed from another address',
    says: 'pass revokeTokens, and let it revoke the whole grant',
    code: 'revoke_tokens_missing',
  },
];

const MORE: Found[] = [
  {
    fault: 'a cors() in front',
    rule: `lets pages of ${APP} ask`,
    says: 'The preflight does not allow dpop',
    code: 'origin_unreachable',
  },
  {
    fault: 'a proxy that is believed too much',
    rule: 'limits the failures of an address, whatever it writes into X-Forwarded-For',
    says: 'never to true',
    code: 'trust_proxy_too_wide',
  },
  { fault: 'a code without an end', rule: 'refuses an expired code', says: 'return expiresAt as it was saved' },
  {
    fault: 'a challenge that is taken from elsewhere',
    rule: 'refuses a code whose login had no PKCE',
    says: 'PKCE is not optional',
  },
  {
    fault: 'a client that is not remembered',
    rule: 'refuses the code of another client, and leaves it to its owner',
    says: 'return clientId as it was saved',
  },
  {
    fault: 'a secret that may be left out',
    rule: 'refuses a client that has a secret and sends none',
    says: "A client with a secret is never method 'none'",
    host: confidential,
  },
  {
    fault: 'a secret in any letter case',
    rule: 'refuses the secret in letters of the other case, and leaves the code',
    says: 'compare the whole secret of this one client, byte for byte',
    host: confidential,
  },
  {
    fault: 'a client that is not found with an error',
    rule: 'refuses a client that nobody registered, and leaves the code',
    says: 'return null for a client_id that it does not find',
    host: confidential,
  },
  {
    fault: 'an alg none that is believed',
    rule: 'refuses an assertion with the alg none, and leaves the code',
    says: 'createClientAuthentication does',
    host: signing,
  },
  {
    fault: 'a jti that counts for nothing',
    rule: 'accepts an assertion once',
    says: 'remember each jti until the exp of its assertion',
    host: signing,
  },
  {
    fault: 'a limit for each Authorization',
    rule: 'limits the guesses of a secret, whatever else changes between them',
    says: 'leave rateLimit.keyGenerator out',
    host: confidential,
  },
  {
    fault: 'a refresh token that anybody can use',
    rule: 'binds the refresh token of a public client to its key',
    says: 'save the jkt of exchange.confirmation',
  },
  {
    fault: 'a jti that is not remembered',
    rule: 'accepts a proof once',
    says: 'pass consumeJti to createDpopVerifier',
  },
  {
    fault: 'an offline_access that is ignored',
    rule: 'issues a refresh token for offline_access, and none without',
    says: 'there is no refresh_token',
  },
  {
    fault: 'a consume with a gap of one turn',
    rule: 'issues tokens once for ten requests at once',
    says: 'let consumeCode decide in one atomic step',
  },
  {
    fault: 'a refresh token that is spent twice at once',
    rule: 'spends a refresh token once for ten requests at once',
    says: 'let consumeRefreshToken decide in one atomic step',
  },
  {
    fault: 'a replay that ends access tokens only',
    rule: 'revokes the tokens when a code is replayed from another address',
    says: 'The refresh token still brings tokens after its code was replayed.',
  },
  {
    fault: 'a reuse that leaves access tokens',
    rule: 'ends the login of a refresh token that is used again',
    says: 'An access token is still active after a refresh token of its login was used again.',
  },
  {
    fault: 'a grant for each user',
    rule: 'ends no other login when a code is replayed from another address',
    says: 'give each login a grantId of its own, a random one',
  },
  {
    fault: 'a grant for each user',
    rule: 'ends no other login when a refresh token is used again',
    says: 'give each login a grantId of its own, a random one',
  },
  {
    fault: 'an origin that is compared by its beginning',
    rule: `does not let pages read answers whose origin looks like ${APP}`,
    says: `The preflight of ${APP}.evil.example (startsWith) is allowed.`,
  },
  {
    fault: 'an aud of all that was granted',
    rule: 'names the one resource that was asked for, of several that were granted',
    says: 'write exchange.resources into the access token as aud',
    host: { ...description, resources: ['https://api.example/', 'https://files.example/'] },
  },
  {
    fault: 'a jti that is the same for all',
    rule: 'issues other tokens for each login',
    says: 'Two logins were issued the same jti of the access token.',
  },
  {
    fault: 'a refresh token that is the same for all',
    rule: 'issues other tokens for each login',
    says: 'let issueTokens make each token anew: a random jti, a random refresh token, nothing from a cache.',
  },
  {
    fault: 'an issuer that the request names',
    rule: 'names the same issuer, whatever X-Forwarded-Host says',
    says: 'write your issuer identifier into tokens as a constant, not from req.hostname, Host or X-Forwarded-Host.',
    host: { ...description, issuer: undefined },
  },
  {
    fault: 'an issuer that the request names',
    rule: 'names the same issuer, whatever X-Forwarded-Host says',
    says: "access_token: iss is 'https://evil.example/' if X-Forwarded-Host says evil.example, and 'https://auth.example/' without it.",
  },
];

describe.each([...TWELVE, ...MORE])('A host with $fault', ({ fault, rule, says, code, host = description }) => {
  if (rule !== undefined) {
    it('fails a rule of the suite, which says what to do and where to read on', async () => {
      const failures = await failuresOf(host, fault, new RegExp(`^${rule.replace(/[()]/g, '\\$&')}$`));
      expect(Object.keys(failures)).toEqual([rule]);
      expect(failures[rule]).toContain(says);
      expect(failures[rule]).toMatch(/\nWhat to do: .+\.\nSee docs\/guides\/testing\.md#[a-z-]+$/);
    });
  }

  it(code === undefined ? 'is nothing for the doctor' : 'is what the doctor finds', async () => {
    const findings = await inspectTokenRouter(createHost(fault).app, doctor);
    expect(findings.map((finding) => finding.code)).toEqual(code === undefined ? [] : [code]);
  });
});

describe('The twelve faults', () => {
  it('are twelve, and each is found', () => {
    expect(new Set(TWELVE.map(({ fault }) => fault)).size).toBe(12);
    expect(TWELVE.filter(({ rule, code }) => rule === undefined && code === undefined)).toEqual([]);
  });

  it('do not fail what has nothing to do with them', async () => {
    const failures = await failuresOf(description, 'a widened scope', SOME);
    expect(Object.keys(failures)).toEqual(['narrows the scope of an access token, and keeps the grant']);
  });
});
