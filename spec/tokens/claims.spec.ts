import fc from 'fast-check';
import { NAME_RULES, RESERVED_CLAIMS, STANDARD_CLAIMS } from '../../lib/tokens';
import { MAX_CUSTOM_BYTES, parseCustomClaims } from '../../lib/tokens/custom-claims';
import { createIssuerEndpoint, type IssuerOptions, readToken } from '../support/issuer';

/** Auth0's list, and the standard claims of OpenID Connect Core §5.1. */
const RESERVED =
  `acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id cnf cty dest
  entitlements events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky nbf nonce object_id
  org_id org_name orig origid permissions roles rph s_hash sid sip_callid sip_cseq_num sip_date sip_from_tag sip_via_branch
  sub sub_jwk toe txn typ uuid vot vtm x5t#S256`.split(/\s+/);
const STANDARD = `sub name given_name family_name middle_name nickname preferred_username profile picture website email
  email_verified gender birthdate zoneinfo locale phone_number phone_number_verified address updated_at`.split(/\s+/);

const refusedIn = (claims: unknown) => {
  const refused: string[] = [];
  const accepted = parseCustomClaims(claims, 'id_token', ({ claim, token, reason }) =>
    refused.push(`${claim} ${token} ${reason}`),
  );
  return { accepted, refused };
};

describe('The registry of claims', () => {
  it('is data: the reserved names and the standard ones', () => {
    expect([...RESERVED_CLAIMS].sort()).toEqual([...RESERVED].sort());
    expect([...STANDARD_CLAIMS].sort()).toEqual([...STANDARD].sort());
    expect(NAME_RULES.map(({ reason }) => reason)).toEqual([
      ...['claim_reserved', 'claim_standard', 'claim_not_namespaced', 'claim_namespace_foreign'],
    ]);
  });

  it.each(RESERVED)('leaves out %s, which is reserved', (claim) => {
    expect(refusedIn({ [claim]: 'x' })).toEqual({ accepted: {}, refused: [`${claim} id_token claim_reserved`] });
  });

  it.each(STANDARD.filter((claim) => !RESERVED.includes(claim)))('leaves out %s, which is standard', (claim) => {
    expect(refusedIn({ [claim]: 'x' })).toEqual({ accepted: {}, refused: [`${claim} id_token claim_standard`] });
  });

  it.each([
    ...[
      'plan',
      'scope',
      '',
      '__proto__x',
      'constructor',
      'host.example/plan',
      '//host.example/plan',
      'ftp://host.example',
    ],
    ...['https://', 'https:host.example', 'https:///plan', 'https://host.example/a plan', ' https://host.example/plan'],
    ...[
      'https://host.example/plan\n',
      'https://[::1/plan',
      'urn:',
      'urn:a:b',
      'urn:host',
      'urn:host:',
      'urn:-host:plan',
    ],
    ...['urn:host:a plan', 'tag:host.example,2026:plan', `urn:${'a'.repeat(33)}:plan`],
  ])('leaves out %j, which is in nobody’s namespace', (claim) => {
    expect(refusedIn({ [claim]: 'x' }).refused).toEqual([`${claim} id_token claim_not_namespaced`]);
  });

  it.each([
    ...['urn:ietf:params:oauth:token', 'URN:IETF:params', 'urn:oasis:names', 'urn:openid:params'],
    ...[
      'http://openid.net/x',
      'https://openid.net/x',
      'https://schemas.openid.net/event',
      'http://schemas.openid.net/x',
    ],
    'https://self-issued.me/x',
  ])('leaves out %s, which is in a namespace of others', (claim) => {
    expect(refusedIn({ [claim]: 'x' }).refused).toEqual([`${claim} id_token claim_namespace_foreign`]);
  });

  it.each([
    ...['https://host.example/plan', 'http://host.example/plan', 'HTTPS://host.example/plan', 'https://host.example'],
    ...['https://localhost:3000/plan', 'https://host.example/sub', 'urn:host:plan', 'URN:Host-1:a:b', 'urn:ab:c'],
    ...['https://openid.net.host.example/x', `urn:${'a'.repeat(32)}:plan`],
  ])('lets in %s', (claim) => {
    expect(refusedIn({ [claim]: { a: [1, null, 'x'] } })).toEqual({
      accepted: { [claim]: { a: [1, null, 'x'] } },
      refused: [],
    });
  });

  it('lets in null, false, 0 and an empty string, and leaves out what JSON has no word for', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    const without = { none: undefined, code: () => 1, sign: Symbol('x'), big: 1n, nan: Number.NaN, circle };
    const values = { null: null, false: false, zero: 0, empty: '', ...without };
    const named = Object.fromEntries(Object.entries(values).map(([name, value]) => [`urn:host:${name}`, value]));
    const { accepted, refused } = refusedIn(named);
    expect(accepted).toEqual({
      'urn:host:null': null,
      'urn:host:false': false,
      'urn:host:zero': 0,
      'urn:host:empty': '',
    });
    expect(refused).toEqual(Object.keys(without).map((name) => `urn:host:${name} id_token claim_without_value`));
  });

  it('lets nothing in that is neither a URL nor a URN, whatever the name', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom(...RESERVED, ...STANDARD, '__proto__')), (name) => {
        const claims = Object.defineProperty({}, name, { value: 1, enumerable: true });
        expect(Object.keys(refusedIn(claims).accepted)).toEqual(
          /^(?:https?:\/\/|urn:)/i.test(name) ? expect.anything() : [],
        );
      }),
    );
  });

  it.each([[undefined], [null]])('takes %s for no claims', (claims) => {
    expect(refusedIn(claims)).toEqual({ accepted: {}, refused: [] });
  });

  it.each<[string, unknown, string]>([
    ['a list', [], 'an empty array'],
    ['a string', 'x', "'x'"],
    ['a number', 7, '7'],
    ['true', true, 'true'],
    ['a Map', new Map([['urn:host:a', 1]]), 'a Map'],
    ['a Set', new Set(['urn:host:a']), 'a Set'],
  ])('takes %s for a fault', (_what, claims, received) => {
    expect(() => refusedIn(claims)).toThrow(
      new TypeError(`claims returned ${received}; it must return an object of claims, or null`),
    );
  });

  it('counts bytes, to the last one', () => {
    const around = Buffer.byteLength(JSON.stringify({ 'urn:host:pad': '' }));
    const full = `é${'x'.repeat(MAX_CUSTOM_BYTES - around - 2)}`;
    expect(Object.keys(refusedIn({ 'urn:host:pad': full }).accepted)).toEqual(['urn:host:pad']);
    expect(() => refusedIn({ 'urn:host:pad': `${full}x` })).toThrow(
      new TypeError('claims returned more than 102400 bytes for the id_token'),
    );
  });
});

describe('Custom claims over HTTP', () => {
  const tokensWith = async (issuer: Partial<IssuerOptions>) => {
    const endpoint = createIssuerEndpoint({ issuer });
    const { status, body } = await endpoint.post();
    if (status !== 200) return { status, outcome: endpoint.outcomes.at(-1) };
    return { status, access: readToken(body.access_token).claims, id: readToken(body.id_token).claims };
  };

  it('are asked for each token by itself, with the exchange and the request', async () => {
    const seen: unknown[] = [];
    const { access, id } = await tokensWith({
      claims(exchange, token, req) {
        seen.push([exchange.code?.userId, token, req.method]);
        return { 'urn:host:token': token };
      },
    });
    expect(seen).toEqual([
      ['user 1', 'access_token', 'POST'],
      ['user 1', 'id_token', 'POST'],
    ]);
    expect([access?.['urn:host:token'], id?.['urn:host:token']]).toEqual(['access_token', 'id_token']);
  });

  it('replace none of the claims of the issuer, and the request succeeds', async () => {
    const refused: unknown[] = [];
    const { status, access, id } = await tokensWith({
      claims: () => ({ sub: 'admin', aud: 'all', exp: 9e9, roles: ['admin'], email: 'a@b', 'urn:host:ok': 1 }),
      onClaimRefused: ({ claim, token, reason }, req) => refused.push([claim, token, reason, req.method]),
    });
    expect([status, access?.sub, id?.sub, access?.['urn:host:ok']]).toEqual([200, 'user 1', 'user 1', 1]);
    for (const claims of [access, id]) expect(claims).not.toHaveProperty('roles');
    expect(refused).toEqual(
      ['access_token', 'id_token'].flatMap((token) => [
        ...['sub', 'aud', 'exp', 'roles'].map((claim) => [claim, token, 'claim_reserved', 'POST']),
        ['email', token, 'claim_standard', 'POST'],
      ]),
    );
  });

  it('over 100 KiB are a fault', async () => {
    const { status, outcome } = await tokensWith({ claims: () => ({ 'urn:host:pad': 'x'.repeat(102_400) }) });
    expect([status, outcome?.reason]).toEqual([500, 'issue_tokens_failed']);
    expect(String(outcome?.fault)).toContain('claims returned more than 102400 bytes for the access_token');
  });

  it('are reported by a function that may throw', async () => {
    const complain = jest.spyOn(console, 'error').mockImplementation(() => {});
    const onClaimRefused = () => {
      throw new Error('log gone');
    };
    expect((await tokensWith({ claims: () => ({ plan: 1 }), onClaimRefused })).status).toBe(200);
    expect(complain).toHaveBeenCalledWith('express-token-router: onClaimRefused threw', new Error('log gone'));
    complain.mockRestore();
  });

  it('are reported by a function that may fail later', async () => {
    const complain = jest.spyOn(console, 'error').mockImplementation(() => {});
    const onClaimRefused = () => Promise.reject(new Error('log gone'));
    expect((await tokensWith({ claims: () => ({ plan: 1 }), onClaimRefused })).status).toBe(200);
    expect(complain).toHaveBeenCalledWith('express-token-router: onClaimRefused threw', new Error('log gone'));
    complain.mockRestore();
  });

  it('are reported to the console without one, each name once, a hundred names at most', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const names = Array.from({ length: 150 }, (_, index) => `claim ${index}`);
    await tokensWith({ claims: () => Object.fromEntries(names.map((name) => [name, 'a secret'])) });
    expect(warn.mock.calls.length).toBe(100);
    expect(warn).toHaveBeenCalledWith(
      'express-token-router: "claim 0" was left out of the access_token: claim_not_namespaced',
    );
    warn.mockRestore();
  });

  it('are reported to the console once for both tokens, and for all requests', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const endpoint = createIssuerEndpoint({ issuer: { claims: () => ({ plan: 'a secret', roles: 'a secret' }) } });
    const { body } = await endpoint.post();
    await endpoint.refresh(body.refresh_token);
    expect(warn.mock.calls).toEqual([
      ['express-token-router: "plan" was left out of the access_token: claim_not_namespaced'],
      ['express-token-router: "roles" was left out of the access_token: claim_reserved'],
    ]);
    warn.mockRestore();
  });

  it('are not reported where the host has none', async () => {
    const onClaimRefused = jest.fn();
    expect((await tokensWith({ onClaimRefused })).status).toBe(200);
    expect(onClaimRefused).not.toHaveBeenCalled();
  });
});
