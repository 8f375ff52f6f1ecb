import { nobodyAt } from '../traffic.mjs';

/** More than can be served. `capacity` is told, or found out by connections that wait for each other. */
export const overload = [
  {
    name: 'overload-adapters',
    row: 'overload',
    title:
      'capacity set by the adapters (20 connections × 50 ms, two calls a redemption: 200 a second), twice of it offered',
    host: { storeMs: 50, connections: 20 },
    drive: (parts) => overloadBy(parts, { capacity: 200, factor: 2 }),
    check: (result) => [share(result, 0.85, 0.2), noFaults(result), unavailableFast(result)],
  },
  {
    name: 'overload-bounded',
    row: 'overload',
    title: 'the same, by a host that knows its pool: `maxInFlight` is 400, a line of one second',
    host: { storeMs: 50, connections: 20, router: { maxInFlight: 400 } },
    drive: (parts) => overloadBy(parts, { capacity: 200, factor: 2 }),
    check: (result) => [share(result, 0.85, 0.2), noFaults(result), unavailableFast(result)],
  },
  {
    name: 'overload-rs256',
    row: 'overload',
    title: 'capacity set by RS256 signing (access token and ID token), twice of it offered',
    host: { signing: 'rs256' },
    drive: (parts) => overloadBy(parts, { factor: 2 }),
    check: (result) => [share(result, 0.85, 0), noFaults(result), unavailableFast(result)],
  },
  {
    name: 'overload-opaque-1.2',
    row: 'overload',
    title: 'opaque tokens, capacity set by the CPU, 1.2 × of it offered',
    host: {},
    drive: (parts) => overloadBy(parts, { factor: 1.2 }),
    check: (result) => [share(result, 0.8, 0.2), noFaults(result)],
  },
  {
    name: 'overload-opaque-2',
    row: 'overload',
    title: 'opaque tokens, capacity set by the CPU, twice of it offered',
    host: {},
    drive: (parts) => overloadBy(parts, { factor: 2 }),
    check: (result) => [noFaults(result), unavailableFast(result)],
  },
];

const CONNECTIONS = 64;
/** What the queues take in at first is not what the server keeps up. */
const SETTLING = 0.3;

async function overloadBy({ traffic, codes, note, isQuick, begin }, { capacity, factor }) {
  const seconds = isQuick ? 4 : 12;
  const found = capacity ?? (await findCapacity({ traffic, codes, isQuick }));
  const rate = Math.round(found * factor);
  const given = await codes(rate * seconds);
  await begin();
  const startedAt = performance.now();
  const answers = [];
  const { latenessMs } = await traffic.offerHonestAt(given, {
    rate,
    seconds,
    onAnswer: (status) => answers.push({ status, at: performance.now() - startedAt }),
  });
  const from = seconds * SETTLING * 1000;
  const to = seconds * 1000;
  const served = answers.filter(({ status, at }) => status === 200 && at >= from && at < to).length;
  note('capacity a second', found);
  note('offered a second', rate);
  note('share of the capacity served', served / ((to - from) / 1000) / found);
  note('generator late by ms, at most', latenessMs);
}

/**
 * Redemptions a second of clients that each wait for the answer before they send again: the best of some slices, for what
 * else the machine does can only lower it. The first one warms up.
 */
async function findCapacity({ traffic, codes, isQuick }) {
  const rates = [];
  for (const seconds of isQuick ? [1, 0.7, 0.7] : [2, 1, 1, 1]) {
    const given = await codes(Math.ceil(8000 * seconds));
    const startedAt = performance.now();
    const until = startedAt + seconds * 1000;
    let served = 0;
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, index) => {
        while (performance.now() < until && given.length > 0) {
          const answer = await traffic.warmUp(given.pop(), nobodyAt(index));
          if (answer.status === 200) served += 1;
        }
      }),
    );
    rates.push(served / ((performance.now() - startedAt) / 1000));
  }
  return Math.max(...rates.slice(1));
}

const share = ({ notes }, goal, widely) => ({
  what: 'share of the capacity served',
  is: notes['share of the capacity served'],
  atLeast: goal,
  widelyAtLeast: widely,
});

const noFaults = ({ honest }) => ({
  what: '5xx but 503',
  is: honest.count(500) + honest.count(502) + honest.count(504),
  atMost: 0,
  widelyAtMost: 30,
});

const unavailableFast = ({ honest }) => ({
  what: 'p99 of the 503 in ms',
  is: honest.quantile(503, 99) ?? 0,
  atMost: 100,
  widelyAtMost: 10_000,
});
