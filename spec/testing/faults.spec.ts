import { describeTokenEndpoint, inspectTokenRouter, type TokenEndpointHost } from '../../lib/testing';
import { APP, createHost, description, type Fault, SECRET } from './faults/host';

const confidential: TokenEndpointHost = { ...description, client: { clientId: 'web', clientSecret: SECRET } };
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
    says: 'It must be refused with invalid_grant, 400',
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
