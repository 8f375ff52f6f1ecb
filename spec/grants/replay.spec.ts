import type { Request } from 'express';
import { digestOfAddress } from '../../lib/address';
import { isSentTwice } from '../../lib/grants/replay';
import type { AuthorizationCode } from '../../lib/types';
import { createEndpoint, type LiveCode, type Options } from '../support/endpoint';
import { expectRefusal } from '../support/refusals';

const HERE = digestOfAddress({ ip: '127.0.0.1' } as Request) as string;
const ELSEWHERE = digestOfAddress({ ip: '203.0.113.9' } as Request) as string;
type Spent = Pick<AuthorizationCode, 'spentAt' | 'spentBy'>;

const invalidCode = (reason: string) => ({
  error: 'invalid_grant',
  description: 'Invalid authorization code',
  reason,
});

/** An endpoint whose store keeps when a code was spent, and by whom: as the ready stores do. */
function createKeepingEndpoint(options: Partial<Options> = {}) {
  const endpoint = createEndpoint({
    async findCode() {
      endpoint.calls.push('findCode');
      return { ...endpoint.code };
    },
    async consumeCode(_code, req) {
      const record: LiveCode & Spent = endpoint.code;
      if (record.spentAt) return false;
      Object.assign(record, { spentAt: new Date(), spentBy: digestOfAddress(req) });
      return true;
    },
    ...options,
  });
  Object.assign(endpoint.code, { spentAt: null, spentBy: null });
  return endpoint;
}

describe('A code that the same address sends twice at once', () => {
  it('is refused, and nothing is revoked', async () => {
    const endpoint = createKeepingEndpoint();
    expect((await endpoint.post()).status).toBe(200);
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_replayed_at_once'));
    expect(endpoint.calls).not.toContain('revokeTokens');
  });

  it('brings tokens once, however many requests race', async () => {
    const endpoint = createKeepingEndpoint();
    const answers = await Promise.all(Array.from({ length: 10 }, () => endpoint.post()));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(400)]);
    expect(endpoint.calls.filter((call) => call === 'issueTokens')).toHaveLength(1);
    expect(endpoint.calls).not.toContain('revokeTokens');
  });

  it('is found once more only where the first look found it unspent', async () => {
    const endpoint = createKeepingEndpoint();
    await endpoint.post();
    endpoint.calls.length = 0;
    await endpoint.post();
    expect(endpoint.calls).toEqual(['findCode']);
  });
});

describe('A replay revokes', () => {
  const at = (milliseconds: number) => new Date(Date.now() + milliseconds);

  it.each<[string, () => Spent]>([
    ['from another address', () => ({ spentBy: ELSEWHERE })],
    ['more than two seconds later', () => ({ spentAt: at(-2500) })],
    ['where the time of spending lies far in the future', () => ({ spentAt: at(60_000) })],
    ['where that time is no date', () => ({ spentAt: new Date(Number.NaN) })],
    ['where that time is a text', () => ({ spentAt: new Date().toISOString() as never })],
    ['where nobody is known to have spent it', () => ({ spentBy: null })],
    ['where the store keeps no time', () => ({ spentAt: undefined as never })],
  ])('%s', async (_what, spent) => {
    let isSpent = false;
    const endpoint = createKeepingEndpoint({
      async consumeCode(_code, req) {
        if (isSpent) return false;
        isSpent = true;
        Object.assign(endpoint.code, { spentAt: new Date(), spentBy: digestOfAddress(req), ...spent() });
        return true;
      },
    });
    expect((await endpoint.post()).status).toBe(200);
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_replayed'));
    expect(endpoint.calls).toContain('revokeTokens');
  });

  it.each<[string, (live: LiveCode) => unknown]>([
    ['knows no such code any more', () => null],
    ['throws', () => Promise.reject(new Error('database gone'))],
    [
      'throws at once',
      () => {
        throw new Error('database gone');
      },
    ],
    ['hangs', () => new Promise(() => {})],
    ['lost the fields', ({ id, clientId }) => ({ id, clientId })],
    ['answers nonsense', () => 'a code'],
  ])('where the code is looked for once more and findCode %s', async (_what, again) => {
    let finds = 0;
    const endpoint = createEndpoint({
      actTimeout: 600,
      findCode: () => {
        finds += 1;
        return (finds === 1 ? { ...endpoint.code, spentAt: null, spentBy: null } : again(endpoint.code)) as never;
      },
      consumeCode: async () => false,
    });
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_replayed'));
    expect([finds, endpoint.calls]).toEqual([2, ['revokeTokens']]);
  });

  it('without a second look where the record has no such fields', async () => {
    const endpoint = createEndpoint({ consumeCode: async () => false });
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_replayed'));
    expect(endpoint.calls).toEqual(['findCode', 'revokeTokens']);
  });
});

describe('A code was sent twice at once', () => {
  const now = Date.now();
  const req = { ip: '127.0.0.1' } as Request;
  const spent = (ageMs: number, spentBy: string | null = HERE) =>
    ({ spentAt: new Date(now - ageMs), spentBy }) as AuthorizationCode;

  it.each([
    ['just now', 0, true],
    ['1,999 ms before', 1999, true],
    ['2,000 ms before', 2000, false],
    ['by a clock that is 5 s ahead', -5000, true],
    ['by a clock that is 20 s ahead', -20_000, false],
  ])('where it was spent %s: %p', (_when, ageMs, expected) => {
    expect(isSentTwice(spent(ageMs), req, now)).toBe(expected);
  });

  it.each([
    [10_000, true],
    [10_001, false],
  ])('where the clock of the store is %d ms ahead, to the millisecond: %p', (aheadMs, expected) => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    try {
      expect(isSentTwice(spent(-aheadMs), req, now)).toBe(expected);
    } finally {
      clock.mockRestore();
    }
  });

  it('never where the request has no address', () => {
    expect(isSentTwice(spent(0, null), {} as Request, now)).toBe(false);
  });
});
