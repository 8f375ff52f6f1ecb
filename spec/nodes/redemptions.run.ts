import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith } from '../support/servers';
import { type Answer, hangUp, inParallel } from './cluster';
import { CODES, type Fleet, LANES, NODES, PARALLEL, report, SERVERS, startFleet, successesOf } from './fleet';

// Four node processes, one store; each code is fired at all of them at once. CODES says how many codes.

afterAll(hangUp);

describe.each(Object.entries(SERVERS))('%s:', (name, { server: needed }) => {
  describeWith(needed, `four nodes on ${name}`, () => {
    let fleet: Fleet;

    afterEach(() => fleet?.stop());

    test(`${CODES} codes, each by ${PARALLEL} requests at once on ${NODES} nodes: each exactly one success`, async () => {
      fleet = await startFleet(name);
      const codes = await fleet.saveCodes(CODES);
      const startedAt = Date.now();
      const statuses = new Map<number, number>();
      let wrong = 0;
      await inParallel(codes, LANES, async (code) => {
        const answers = await fleet.fire(code);
        for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (successesOf(answers) !== 1) wrong += 1;
      });
      const seconds = (Date.now() - startedAt) / 1000;
      const inStore = await fleet.store.readIssued();
      const issued = await fleet.nodes.listIssued();
      report(`${name}: ${CODES} codes x ${PARALLEL}: ${JSON.stringify([...statuses])} in ${seconds} s`);
      expect({ wrong, statuses: Object.fromEntries(statuses) }).toEqual({
        wrong: 0,
        statuses: { 200: CODES, 400: CODES * (PARALLEL - 1) },
      });
      expect([inStore.length, inStore.every((count: number) => count === 1)]).toEqual([CODES, true]);
      expect([issued.length, new Set(issued).size]).toEqual([CODES, CODES]);
    });

    test(`${CODES} codes while the server is killed and restarted three times: none succeeds twice`, async () => {
      fleet = await startFleet(name, Array(NODES).fill({ ADAPTER_TIMEOUT: '1000' }));
      const codes = await fleet.saveCodes(CODES);
      const statuses = new Map<number, number>();
      const succeeded = new Map<string, number>();
      const malformed: Answer[] = [];
      let slowest = 0;
      let done = 0;

      const saboteur = (async () => {
        for (const share of [0.25, 0.5, 0.75]) {
          while (done < CODES * share) await sleep(5);
          await fleet.server.kill();
          await sleep(300);
          await fleet.server.restart();
        }
      })();
      await inParallel(codes, LANES, async (code) => {
        const startedAt = Date.now();
        const answers = await fleet.fire(code);
        slowest = Math.max(slowest, Date.now() - startedAt);
        done += 1;
        for (const answer of answers) {
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          if (!isOAuthJson(answer)) malformed.push(answer);
        }
        succeeded.set(code, successesOf(answers));
      });
      await saboteur;

      // Service is there again by itself; what has brought no tokens yet is asked for once more.
      const without = codes.filter((code) => succeeded.get(code) === 0);
      let late = 0;
      let lost = 0;
      let unanswered = 0;
      await sleep(500);
      await inParallel(without, LANES, async (code) => {
        const { status } = await fleet.redeem(code, 0);
        if (status === 200) {
          late += 1;
          succeeded.set(code, 1);
        } else if (status === 400) lost += 1;
        else unanswered += 1;
      });
      const issued = await fleet.nodes.listIssued();
      report(
        `${name}, killed three times: ${JSON.stringify([...statuses])}, slowest ${slowest} ms; without tokens at first ` +
          `${without.length}, redeemed later ${late}, spent but never answered ${lost}`,
      );
      expect(malformed).toEqual([]);
      expect(unanswered).toBe(0);
      expect(Math.max(...succeeded.values())).toBe(1);
      expect(new Set(issued).size).toBe(issued.length);
      expect(slowest).toBeLessThan(5000);
    });
  });
});

function isOAuthJson({ status, body }: Answer): boolean {
  try {
    const parsed = JSON.parse(body);
    return status === 200 ? typeof parsed.access_token === 'string' : typeof parsed.error === 'string';
  } catch {
    return false;
  }
}
