import fc from 'fast-check';
import { OAuthError } from '../../lib';
import type { DpopJti, DpopVerifierOptions } from '../../lib/dpop';
import { goodForm } from '../support/endpoint';
import { withServer } from '../support/raw';
import { expectRefusal } from '../support/refusals';
import { stopAt, travel } from './support/clock';
import { client, createDpopEndpoint, prove, SIGNERS, seconds, thumbprintOf } from './support/prover';

jest.setTimeout(120_000);

afterEach(() => jest.restoreAllMocks());

/** An endpoint at which every code is live and none is ever spent, so that nothing but the proof decides. */
const createEndpointOfManyCodes = (verifier?: DpopVerifierOptions) => {
  const endpoint = createDpopEndpoint(verifier, {
    findCode: async () => ({ ...endpoint.code, expiresAt: new Date(Date.now() + 60_000) }),
    consumeCode: async () => true,
  });
  return endpoint;
};

const replayed = {
  error: 'invalid_dpop_proof',
  description: 'The DPoP proof is invalid',
  reason: 'dpop_proof_replayed',
};

describe('A proof', () => {
  it('passes once of fifty at the same time, each with a code of its own', async () => {
    const endpoint = createEndpointOfManyCodes();
    const proof = prove();
    const statuses = await withServer(endpoint.app, (port) =>
      Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const { status } = await fetch(`http://127.0.0.1:${port}/oauth/token`, {
            method: 'POST',
            headers: { DPoP: proof },
            body: new URLSearchParams({ ...goodForm(), code: `code ${index}` }),
          });
          return status;
        }),
      ),
    );
    expect(statuses.sort()).toEqual([200, ...Array.from({ length: 49 }, () => 400)]);
    expect(endpoint.reasons().sort()).toEqual([
      'code_redeemed',
      ...Array.from({ length: 49 }, () => 'dpop_proof_replayed'),
    ]);
    expect(endpoint.calls.filter((call) => call === 'issueTokens')).toHaveLength(1);
  });

  it('from 59 s in the future is refused again for as long as it would still be valid', async () => {
    const endpoint = createEndpointOfManyCodes();
    const proof = prove({ claims: { iat: seconds() + 59 } });
    expect((await endpoint.prove(proof)).status).toBe(200);
    for (const later of [0, 1, 59, 60, 120, 300, 340, 357]) {
      travel(later * 1000);
      expectRefusal(await endpoint.prove(proof), endpoint, replayed);
    }
    travel(361_000);
    expectRefusal(await endpoint.prove(proof), endpoint, { ...replayed, reason: 'dpop_proof_too_old' });
  });

  it('is known by its jti, whatever else of it is new', async () => {
    const endpoint = createEndpointOfManyCodes();
    const claims = { jti: 'one' };
    expect((await endpoint.prove(prove({ claims }))).status).toBe(200);
    expectRefusal(await endpoint.prove(prove({ claims })), endpoint, replayed);
    expectRefusal(await endpoint.prove(prove({ claims: { ...claims, iat: seconds() - 5 } })), endpoint, replayed);
    expectRefusal(await endpoint.prove(prove({ claims, header: { kid: 'new' } })), endpoint, replayed);
    expectRefusal(
      await endpoint.prove(prove({ claims, header: { jwk: { ...client.jwk, ext: true } } })),
      endpoint,
      replayed,
    );
  });

  it('is known for its key alone', async () => {
    const endpoint = createEndpointOfManyCodes();
    const claims = { jti: 'one' };
    for (const signer of [SIGNERS.ES256(), SIGNERS.ES256()]) {
      expect((await endpoint.prove(prove({ signer, claims }))).status).toBe(200);
    }
    expectRefusal(await endpoint.prove(prove({ claims, header: { jwk: { ...client.jwk, d: 'x' } } })), endpoint, {
      ...replayed,
      reason: 'dpop_key_private',
    });
    expect((await endpoint.prove(prove({ claims }))).status).toBe(200);
  });

  it('that is resent with its code revokes nothing: it ends before the code', async () => {
    const endpoint = createDpopEndpoint();
    const proof = prove();
    expect((await endpoint.prove(proof)).status).toBe(200);
    expectRefusal(await endpoint.prove(proof), endpoint, replayed);
    expect(endpoint.calls).not.toContain('revokeTokens');
  });

  it('passes again and again where the host says so', async () => {
    const endpoint = createEndpointOfManyCodes({ replay: 'unchecked' });
    const proof = prove();
    expect((await endpoint.prove(proof)).status).toBe(200);
    expect((await endpoint.prove(proof)).status).toBe(200);
  });
});

describe('consumeJti', () => {
  const now = 1_800_000_000_000;

  it('gets jti, jkt and the end, counted from iat, with 10 s for the clocks of other servers', async () => {
    const seen: DpopJti[] = [];
    const consumeJti = (jti: DpopJti) => {
      seen.push(jti);
      return true;
    };
    for (const offset of [-300, -299.5, 0, 59]) {
      stopAt(now);
      const endpoint = createDpopEndpoint({ consumeJti });
      expect((await endpoint.prove(prove({ claims: { jti: 'j', iat: now / 1000 + offset } }))).status).toBe(200);
    }
    const ends = [10_001, 10_501, 310_001, 369_001].map((after) => new Date(now + after));
    expect(seen).toEqual(ends.map((expiresAt) => ({ jti: 'j', jkt: thumbprintOf(client.jwk), expiresAt })));
  });

  it('remembers every proof that could still be accepted, whatever its iat and age', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: -310, max: 70, noNaN: true }),
        fc.integer({ min: 10, max: 400 }),
        fc.integer({ min: 0, max: 500_000 }),
        async (offset, maxAge, laterMs) => {
          stopAt(now);
          let end = Number.POSITIVE_INFINITY;
          const consumeJti = ({ expiresAt }: DpopJti) => {
            end = expiresAt.getTime();
            return true;
          };
          const options = { record: { expiresAt: new Date(now + 1e9) } };
          const proof = prove({ claims: { iat: now / 1000 + offset } });
          await createDpopEndpoint({ consumeJti, maxAge }, options).prove(proof);
          stopAt(now + laterMs);
          const later = createDpopEndpoint({ replay: 'unchecked', maxAge }, options);
          const isStillGood = (await later.prove(proof)).status === 200;
          // Forgotten and still good would be a replay.
          expect(isStillGood && end <= now + laterMs).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['1', () => 1],
    ["'OK'", () => 'OK'],
    ['an object with rowCount', async () => ({ rowCount: 1 })],
    ['null', async () => null],
  ])('that returns %s never passes: a fault of the host', async (received, consumeJti) => {
    const endpoint = createDpopEndpoint({ consumeJti: consumeJti as () => boolean });
    expectRefusal(await endpoint.prove(prove()), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'consume_jti_no_boolean',
    });
    expect(String(endpoint.outcomes[0]?.fault)).toBe(
      `TypeError: consumeJti returned ${received}; it must return true or false`,
    );
    expect(endpoint.isSpent()).toBe(false);
  });

  it('that throws is a fault of the host, and the code stays', async () => {
    const gone = new Error('connect ECONNREFUSED 10.0.0.7');
    for (const consumeJti of [
      () => Promise.reject(gone),
      () => {
        throw gone;
      },
    ]) {
      const endpoint = createDpopEndpoint({ consumeJti });
      const answer = await endpoint.prove(prove());
      expectRefusal(answer, endpoint, { status: 500, error: 'server_error', reason: 'consume_jti_failed' });
      expect(endpoint.outcomes[0]?.fault).toBe(gone);
      expect([answer.text.includes('10.0.0.7'), endpoint.isSpent()]).toEqual([false, false]);
    }
  });

  it('may refuse in its own words', async () => {
    const endpoint = createDpopEndpoint({
      consumeJti() {
        throw new OAuthError('invalid_dpop_proof', 'This key is barred', { reason: 'key_barred' });
      },
    });
    expectRefusal(await endpoint.prove(prove()), endpoint, {
      error: 'invalid_dpop_proof',
      description: 'This key is barred',
      reason: 'key_barred',
    });
  });

  it('that hangs ends with the deadline, and the code stays', async () => {
    const endpoint = createDpopEndpoint({ consumeJti: () => new Promise(() => {}) }, { adapterTimeout: 30 });
    expectRefusal(await endpoint.prove(prove()), endpoint, {
      status: 503,
      error: 'temporarily_unavailable',
      reason: 'adapter_timeout',
    });
    expect(endpoint.isSpent()).toBe(false);
  });

  it('is asked after every other check of the proof, and before the code is spent', async () => {
    const order: string[] = [];
    const endpoint = createDpopEndpoint(
      { consumeJti: () => order.push('consumeJti') > 0 },
      { consumeCode: () => order.push('consumeCode') > 0 },
    );
    await endpoint.prove(prove({ sign: SIGNERS.ES256().sign }));
    await endpoint.prove(prove({ claims: { htm: 'GET' } }));
    expect(order).toEqual([]);
    await endpoint.prove(prove());
    expect(order).toEqual(['consumeJti', 'consumeCode']);
  });
});
