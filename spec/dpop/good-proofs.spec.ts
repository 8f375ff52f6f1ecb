import { createDpopVerifier } from '../../lib/dpop';
import { goodForm } from '../support/endpoint';
import { rawPost, sendBytes, withServer } from '../support/raw';
import { expectRefusal } from '../support/refusals';
import { stopAt } from './support/clock';
import { ALGORITHMS, client, createDpopEndpoint, prove, SIGNERS, seconds, thumbprintOf } from './support/prover';

afterEach(() => jest.restoreAllMocks());

const claims = (different: Record<string, unknown>) => prove({ claims: different });

describe('POST /oauth/token accepts', () => {
  it.each(ALGORITHMS)('a proof by %s, and binds the tokens to its key', async (algorithm) => {
    const signer = SIGNERS[algorithm]();
    const issued = jest.fn(async () => ({ access_token: 'an access token', expires_in: 60 }));
    const endpoint = createDpopEndpoint({ algorithms: [algorithm] }, { issueTokens: issued });
    const answer = await endpoint.prove(prove({ signer }));
    expect([answer.status, answer.body.token_type, answer.headers['dpop-nonce']]).toEqual([200, 'DPoP', undefined]);
    expect(issued.mock.calls).toEqual([
      [expect.objectContaining({ confirmation: { jkt: thumbprintOf(signer.jwk) } }), expect.anything()],
    ]);
  });

  it.each<[string, () => string]>([
    ['a fraction in iat', () => claims({ iat: Date.now() / 1000 })],
    ['an iat that is as old as it may be', () => claims({ iat: seconds() - 295 })],
    ['an iat that is as far ahead as it may be', () => claims({ iat: seconds() + 60 })],
    ['exp and nbf', () => claims({ exp: seconds() + 60, nbf: seconds() - 1 })],
    ['an exp that a slow clock still reaches', () => claims({ exp: seconds() - 5 })],
    ['an nbf that a fast clock has passed', () => claims({ nbf: seconds() + 9 })],
    ['a nonce, though nobody asked for one', () => claims({ nonce: 'of another server' })],
    ['claims that nobody knows', () => claims({ ath: 'x', iss: ['y'], __proto__: null })],
    ['a jti of 256 characters', () => claims({ jti: 'j'.repeat(256) })],
    ['a jti of one', () => claims({ jti: '~' })],
    ['header members that nobody knows', () => prove({ header: { kid: 'x', x5c: [], jku: 'https://evil.example' } })],
    [
      'a jwk with members of WebCrypto',
      () => prove({ header: { jwk: { ...client.jwk, ext: true, key_ops: ['verify'], use: 'sig' } } }),
    ],
    [
      'a jwk with members that nobody knows',
      () => prove({ header: { jwk: { ...client.jwk, iat: 0, x5u: 'https://evil.example', made: { by: 'x' } } } }),
    ],
    ['a typ in capitals', () => prove({ header: { typ: 'DPoP+JWT' } })],
    ['a typ with its tree', () => prove({ header: { typ: 'application/dpop+jwt' } })],
    ['a typ with its tree in capitals', () => prove({ header: { typ: 'APPLICATION/DPOP+JWT' } })],
    ['a jwk with the alg of the header', () => prove({ header: { jwk: { ...client.jwk, alg: 'ES256' } } })],
    [
      'a jwk with more operations than it needs',
      () => prove({ header: { jwk: { ...client.jwk, key_ops: ['sign', 'verify'] } } }),
    ],
    ['a query in htu', () => claims({ htu: 'https://auth.example/oauth/token?x=https://evil.example/' })],
    ['a fragment in htu', () => claims({ htu: 'https://auth.example/oauth/token#/?x' })],
    ['an empty query and an empty fragment', () => claims({ htu: 'https://auth.example/oauth/token?#' })],
    ['capitals in scheme and host', () => claims({ htu: 'HTTPS://Auth.Example/oauth/token' })],
    ['the port of the scheme', () => claims({ htu: 'https://auth.example:443/oauth/token' })],
    ['an empty port', () => claims({ htu: 'https://auth.example:/oauth/token' })],
    ['letters that need no encoding', () => claims({ htu: 'https://auth.example/%6fauth/%74oken' })],
    ['dot segments', () => claims({ htu: 'https://auth.example/x/../oauth/./token' })],
  ])('%s', async (_what, proof) => {
    const endpoint = createDpopEndpoint();
    const answer = await endpoint.prove(proof());
    expect([answer.status, answer.body.token_type, endpoint.reasons()]).toEqual([200, 'DPoP', ['code_redeemed']]);
  });

  it('a proof by EdDSA with a key that calls it Ed25519', async () => {
    const signer = SIGNERS.EdDSA();
    const endpoint = createDpopEndpoint({ algorithms: ['EdDSA'] });
    const answer = await endpoint.prove(prove({ signer, header: { jwk: { ...signer.jwk, alg: 'Ed25519' } } }));
    expect(answer.status).toBe(200);
  });

  it('a proof of exactly 8192 characters', async () => {
    // Three bytes are four characters, so header and claims have to take turns in filling the last ones.
    const ofLength = (length: number) => {
      const base = prove({ header: { note: '' }, claims: { note: '' } }).length;
      const note = 'x'.repeat(Math.floor((length - base) * 0.75));
      const candidates = [0, 1, 2, 3, 4].flatMap((cut) =>
        [0, 1, 2, 3].map((more) => prove({ header: { note: note.slice(cut) }, claims: { note: 'x'.repeat(more) } })),
      );
      return candidates.find((proof) => proof.length === length) ?? '';
    };
    const endpoint = createDpopEndpoint();
    expectRefusal(await endpoint.prove(ofLength(8193)), endpoint, {
      error: 'invalid_dpop_proof',
      reason: 'dpop_proof_too_large',
    });
    expect((await endpoint.prove(ofLength(8192))).status).toBe(200);
  });
});

describe('The age of a proof', () => {
  const now = 1_800_000_000_000;
  const verifyAt = async (instant: number, iat: number, maxAge?: number) => {
    stopAt(now);
    const proof = claims({ iat });
    stopAt(instant);
    const endpoint = createDpopEndpoint(maxAge === undefined ? {} : { maxAge }, {
      record: { expiresAt: new Date(now + 1e9) },
    });
    await endpoint.prove(proof);
    return endpoint.reasons();
  };

  it.each([
    ['now', 0, 'code_redeemed'],
    ['300 s back', -300_000, 'code_redeemed'],
    ['300.001 s back', -300_001, 'dpop_proof_too_old'],
    ['60 s ahead', 60_000, 'code_redeemed'],
    ['60.001 s ahead', 60_001, 'dpop_proof_too_new'],
  ])('is counted to the millisecond: %s', async (_what, iatOffset, reason) => {
    expect(await verifyAt(now - iatOffset, now / 1000)).toEqual([reason]);
  });

  it.each([
    ['10 s back', 10_000, 'code_redeemed'],
    ['10.001 s back', 10_001, 'dpop_proof_too_old'],
  ])('is what maxAge says, 10 s at least: %s', async (_what, age, reason) => {
    expect(await verifyAt(now + age, now / 1000, 10)).toEqual([reason]);
  });

  it.each([
    ['before its end and the leeway', { exp: now / 1000 - 9.999 }, 'code_redeemed'],
    ['at its end and the leeway', { exp: now / 1000 - 10 }, 'dpop_proof_too_old'],
    ['at its start less the leeway', { nbf: now / 1000 + 10 }, 'code_redeemed'],
    ['before its start less the leeway', { nbf: now / 1000 + 10.001 }, 'dpop_proof_too_new'],
  ])('is bounded by exp and nbf: %s', async (_what, different, reason) => {
    stopAt(now);
    const endpoint = createDpopEndpoint();
    await endpoint.prove(claims(different));
    expect(endpoint.reasons()).toEqual([reason]);
  });
});

describe('The expected URL', () => {
  const evil = 'https://evil.example/oauth/token';

  it.each([
    ['off', false],
    ['on', true],
  ])('is never that of Host or X-Forwarded-*, trust proxy %s', async (_what, trustProxy) => {
    const endpoint = createDpopEndpoint({}, { rateLimit: false });
    endpoint.app.set('trust proxy', trustProxy);
    const forged = await withServer(endpoint.app, (port) =>
      sendBytes(
        port,
        Buffer.from(
          rawPost(
            [
              'X-Forwarded-Host: evil.example',
              'X-Forwarded-Proto: https',
              'Forwarded: host=evil.example;proto=https',
              'Content-Type: application/x-www-form-urlencoded',
              `DPoP: ${claims({ htu: evil })}`,
            ],
            new URLSearchParams(goodForm()).toString(),
          )
            .toString('latin1')
            .replace('Host: auth.example', 'Host: evil.example'),
          'latin1',
        ),
      ),
    );
    expect([forged.status, JSON.parse(forged.body).error]).toEqual([400, 'invalid_dpop_proof']);
    expect([endpoint.reasons(), endpoint.isSpent()]).toEqual([['dpop_htu_mismatch'], false]);

    const honest = await endpoint.prove(prove()).set('Host', 'evil.example').set('X-Forwarded-Host', 'evil.example');
    expect([honest.status, honest.body.token_type]).toEqual([200, 'DPoP']);
  });

  it('may be one of several, as the host decides', async () => {
    const endpoint = createDpopEndpoint(
      {},
      { tokenEndpoint: (req) => `https://${req.get('x-tenant') === 'b' ? 'b' : 'a'}.example/oauth/token` },
    );
    const proof = () => claims({ htu: 'https://b.example/oauth/token' });
    expectRefusal(await endpoint.prove(proof()), endpoint, {
      error: 'invalid_dpop_proof',
      reason: 'dpop_htu_mismatch',
    });
    expect((await endpoint.prove(proof()).set('X-Tenant', 'b')).status).toBe(200);
  });

  it('has its own query, which does not count', async () => {
    const endpoint = createDpopEndpoint({}, { tokenEndpoint: 'https://auth.example/oauth/token?tenant=a' });
    expect((await endpoint.prove(prove())).status).toBe(200);
  });

  it.each(['https://äuth.example/oauth/token', 'ftp://auth.example/token', 'https://a@b.example/'])(
    'is a fault of the host where it is no clean http(s) URI: %s',
    async (tokenEndpoint) => {
      const endpoint = createDpopEndpoint({}, { tokenEndpoint: () => tokenEndpoint });
      expectRefusal(await endpoint.prove(prove()), endpoint, {
        status: 500,
        error: 'server_error',
        reason: 'token_endpoint_failed',
      });
      expect(String(endpoint.outcomes[0]?.fault)).toMatch(
        /^TypeError: tokenEndpoint returned '.*'; it must return the public http\(s\) URL of the endpoint, at once$/,
      );
      expect(endpoint.isSpent()).toBe(false);
      const verifyDpop = createDpopVerifier({ consumeJti: () => true });
      await expect(verifyDpop({ proof: prove(), htm: 'POST', htu: tokenEndpoint })).rejects.toThrow(
        /^htu is '.*'\. Pass the absolute http\(s\) URL of the endpoint$/,
      );
    },
  );
});

describe('The diagnosis', () => {
  const diagnose = async (proof: string) => {
    const endpoint = createDpopEndpoint();
    const answer = await endpoint.prove(proof);
    return { cause: (endpoint.outcomes[0]?.cause as Error | undefined)?.message, answer };
  };

  it('of another htu says what the proof had, what was expected and what to set, to the operator alone', async () => {
    const { cause, answer } = await diagnose(claims({ htu: 'http://10.0.0.7:8080/oauth/token' }));
    expect(cause).toBe(
      'The proof has the htu "http://10.0.0.7:8080/oauth/token", expected was "https://auth.example/oauth/token". ' +
        'Where clients reach this endpoint under another URL, as behind a proxy, set tokenEndpoint to that URL',
    );
    expect(answer.body).toEqual({ error: 'invalid_dpop_proof', error_description: 'The DPoP proof is invalid' });
    expect(JSON.stringify(answer.headers)).not.toMatch(/10\.0\.0\.7|auth\.example/);
  });

  it('quotes an htu so that it harms no log: cut, on one line, in ASCII', async () => {
    const { cause = '' } = await diagnose(claims({ htu: `https://x/\n\u001b[31m"\u202e\x7f${'x'.repeat(4000)}` }));
    expect(cause).toMatch(/^The proof has the htu "https:\/\/x\/\\n\\u001b\[31m\\"\?\?x{181}\.\.\.", expected was /);
    expect(cause.length).toBeLessThan(500);
  });

  it.each([
    [200, ''],
    [201, '...'],
  ])('quotes an htu of %d characters with %j at its end', async (length, end) => {
    const htu = 'https://x/'.padEnd(length, 'x');
    const { cause } = await diagnose(claims({ htu }));
    expect(cause).toContain(`The proof has the htu "${htu.slice(0, 200)}${end}", expected`);
  });

  it('of a claim of another type names the claim', async () => {
    for (const name of ['iat', 'exp', 'nbf']) {
      expect((await diagnose(claims({ [name]: '1' }))).cause).toBe(`The claim ${name} must be a finite number`);
    }
    for (const name of ['htm', 'htu', 'nonce']) {
      expect((await diagnose(claims({ [name]: 1 }))).cause).toBe(`The claim ${name} must be a string`);
    }
  });

  it('of a key that cannot be imported is what node:crypto said', async () => {
    const { cause } = await diagnose(prove({ header: { jwk: { ...client.jwk, x: client.jwk.y } } }));
    expect(cause).toMatch(/JWK/);
  });
});

it('A verifier takes ES256 alone unless it is told otherwise', async () => {
  const verifyDpop = createDpopVerifier({ replay: 'unchecked' });
  const request = { htm: 'POST', htu: 'https://auth.example/oauth/token' };
  expect(await verifyDpop({ proof: prove(), ...request })).toEqual({ jkt: thumbprintOf(client.jwk) });
  for (const algorithm of ALGORITHMS.filter((name) => name !== 'ES256')) {
    const proof = prove({ signer: SIGNERS[algorithm]() });
    await expect(verifyDpop({ proof, ...request })).rejects.toMatchObject({ reason: 'dpop_algorithm_unsupported' });
  }
});
