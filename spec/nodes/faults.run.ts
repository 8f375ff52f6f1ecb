import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith } from '../support/servers';
import { type Answer, hangUp, inParallel } from './cluster';
import { CODES, type Fleet, LANES, NODES, PARALLEL, report, SERVERS, startFleet, successesOf } from './fleet';

// What four nodes on one store do when a node dies, and when their clocks are not the same.

const HOUR = 3_600_000;

const refusedAsInvalid = (code: string) => ({
  code,
  status: 400,
  body: '{"error":"invalid_grant","error_description":"Invalid authorization code"}',
});

afterAll(hangUp);

describe.each(Object.entries(SERVERS))('%s:', (name, { server: needed }) => {
  describeWith(needed, `faults of four nodes on ${name}`, () => {
    let fleet: Fleet;

    afterEach(() => fleet?.stop());

    /** Fires all codes, and does at each share of them what is to happen then; how often each code succeeded. */
    async function fireAll(codes: readonly string[], events: Readonly<Record<number, () => void>> = {}) {
      const happens = new Map(
        Object.entries(events).map(([share, event]) => [Math.floor(Number(share) * codes.length), event]),
      );
      const successes = new Map<string, number>();
      const answered: { node: number; answer: Answer }[] = [];
      await inParallel(codes, LANES, async (code, index) => {
        happens.get(index)?.();
        const answers = await fleet.fire(code);
        answered.push(...answers.map((answer, each) => ({ node: each % NODES, answer })));
        successes.set(code, successesOf(answers));
      });
      return { successes, answered };
    }

    /** Asks for every code at these nodes once more: all of them refuse it, for it is spent. */
    async function expectSpent(codes: readonly string[], nodes: readonly number[]) {
      await inParallel(codes, LANES, async (code) => {
        for (const node of nodes) expect({ code, ...(await fleet.redeem(code, node)) }).toEqual(refusedAsInvalid(code));
      });
    }

    const withSuccesses = (successes: ReadonlyMap<string, number>, count: number) =>
      [...successes].filter(([, each]) => each === count).map(([code]) => code);

    test('a node is killed between the spending and the answer: that code stays spent, and nothing else is lost', async () => {
      fleet = await startFleet(name);
      const codes = await fleet.saveCodes(CODES);
      const [doomed] = fleet.nodes.processes;
      const ended = doomed && once(doomed, 'exit');
      const { successes, answered } = await fireAll(codes, { 0.3: () => fleet.nodes.tell(0, 'die before the answer') });
      expect(await ended).toEqual([null, 'SIGKILL']);

      const lost = withSuccesses(successes, 0);
      const inStore: number[] = await fleet.store.readIssued();
      report(`${name}, a node killed: ${CODES} codes, ${lost.length} spent and not answered`);
      expect(withSuccesses(successes, 1).length + lost.length).toBe(CODES);
      // What the node was at when it died, and no more: one code at least, one of each lane at most.
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.length).toBeLessThanOrEqual(LANES);
      // The others answer as ever, before and after.
      const ofOthers = answered.filter(({ node }) => node !== 0).map(({ answer }) => answer.status);
      expect([ofOthers.length, new Set(ofOthers)]).toEqual([(CODES * PARALLEL * 3) / 4, new Set([200, 400])]);
      expect([Math.max(...inStore), inStore.length >= CODES - lost.length]).toEqual([1, true]);
      await expectSpent(lost, [1, 2, 3]);
      expect(await fleet.nodes.countReasons(1)).not.toHaveProperty('issue_tokens_failed');
      const [next] = await fleet.saveCodes(1);
      expect([await fleet.redeem(String(next), 0), (await fleet.redeem(String(next), 1)).status]).toEqual([
        { status: 0, body: '' },
        200,
      ]);
    });

    test('clocks five seconds apart: each code exactly one success', async () => {
      fleet = await startFleet(name, [{}, { CLOCK_OFFSET: '5000' }, { CLOCK_OFFSET: '-5000' }]);
      const codes = await fleet.saveCodes(CODES);
      const { successes } = await fireAll(codes);
      expect(withSuccesses(successes, 1)).toHaveLength(CODES);
      await expectSpent(codes.slice(0, 50), [0, 1, 2, 3]);
    });

    test('clocks that jump by an hour: what is spent there counts as expired, and no code succeeds twice', async () => {
      fleet = await startFleet(name);
      const [ahead, behind] = [1, 2];
      const codes = await fleet.saveCodes(CODES);
      const { successes } = await fireAll(codes, {
        0.2: () => fleet.nodes.tell(ahead, HOUR),
        0.4: () => fleet.nodes.tell(behind, -HOUR),
      });
      const burnt = withSuccesses(successes, 0);
      report(`${name}, a clock an hour ahead: ${CODES} codes, ${burnt.length} expired there`);
      expect(withSuccesses(successes, 1).length + burnt.length).toBe(CODES);
      // The node that is ahead spends a code before it looks at its end, so nobody else redeems it afterwards.
      expect(burnt.length).toBeGreaterThan(0);
      expect(await fleet.nodes.countReasons(ahead)).toMatchObject({ code_expired: burnt.length });
      for (const node of [0, behind, 3])
        expect(await fleet.nodes.countReasons(node)).not.toHaveProperty('code_expired');
      await expectSpent(codes, [0, ahead, behind, 3]);
      const issued = await fleet.nodes.listIssued();
      expect([issued.length, new Set(issued).size]).toEqual([CODES - burnt.length, CODES - burnt.length]);
    });

    test('a clock an hour behind: a code that has ended is redeemed there, once', async () => {
      fleet = await startFleet(name, [{ CLOCK_OFFSET: String(-HOUR) }]);
      const [ended, alike] = (await fleet.saveCodes(2, 500)) as [string, string];
      await sleep(600);
      expect((await fleet.redeem(ended, 0)).status).toBe(200);
      expect(await fleet.redeem(alike, 1)).toMatchObject({ status: 400 });
      expect(await fleet.nodes.countReasons(1)).toEqual({ code_expired: 1 });
      await expectSpent([ended, alike], [0, 1, 2, 3]);
      expect(await fleet.nodes.countReasons(0)).toEqual({ code_redeemed: 1, code_replayed_at_once: 2 });
    });
  });
});
