import { setTimeout as sleep } from 'node:timers/promises';
import { ATTACKER, HONEST, toGuess, toParameters, toPost } from '../traffic.mjs';

const at = (count, send) => Promise.all(Array.from({ length: count }, (_, index) => send(index)));

/** What the limiter is for: who is refused, who is served, and what it costs. */
export const limiter = [
  {
    name: 'burst',
    row: '1',
    title: '300 valid redemptions at once from one address, adapters take 100 ms; then some more',
    host: { storeMs: 50 },
    async drive({ traffic, codes, isQuick }) {
      const given = await codes(isQuick ? 310 : 350);
      await at(300, (index) => traffic.redeem(given[index], { address: HONEST[0] }));
      for (const one of given.slice(300)) await traffic.redeem(one, { address: HONEST[0] });
    },
    check: ({ honest }) => [success(honest, 1)],
  },
  {
    name: 'hang-ups',
    row: '2',
    title: '100 valid redemptions whose clients hang up; then honest ones from the same address',
    host: { storeMs: 50 },
    async drive({ traffic, codes, isQuick }) {
      const given = await codes(isQuick ? 115 : 150);
      await at(100, (index) => traffic.hangUp(given[index], { address: HONEST[0], afterMs: 20 }));
      await sleep(500);
      for (const one of given.slice(100)) await traffic.redeem(one, { address: HONEST[0] });
    },
    check: ({ honest, figures }) => [
      success(honest, 1),
      { what: 'codes spent for clients that were gone', is: figures.ofAbandoned, atMost: 0, widelyAtMost: 90 },
    ],
  },
  {
    name: 'wrong-secrets',
    row: '3',
    title:
      '90 connections of one address guess secrets; `authenticateClient` takes 250 ms, two at a time, as bcrypt on two cores',
    host: { hashMs: 250, hashers: 2 },
    quickHost: { hashMs: 100 },
    async drive({ traffic, codes, isQuick }) {
      const seconds = isQuick ? 7 : 20;
      const given = await codes(seconds, true);
      const until = performance.now() + seconds * 1000;
      // Fewer at once than the limit, and each comes again as soon as it is answered, but for a pause.
      const guessing = at(90, async (connection) => {
        for (let index = 0; performance.now() < until; index += 1) {
          await traffic.send(traffic.attack, ATTACKER, toGuess(`${connection} ${index}`));
          await sleep(100);
        }
      });
      await traffic.offerHonest(given, { rate: 1, seconds, isConfidential: true });
      await guessing;
    },
    check: ({ honest, attack }) => [
      success(honest, 1, 0.8),
      limited(attack),
      // 20 of one address are hashed at once: no more than these can be known too late.
      verdicts(attack, 100, 130),
    ],
  },
  {
    name: 'guesses-at-once',
    row: 'verdicts',
    title: '1,000 wrong guesses at once from one address, adapters take 100 ms',
    host: { storeMs: 100 },
    async drive({ traffic, codes }) {
      const given = await codes(60);
      const honest = traffic.offerHonest(given, { rate: 20, seconds: 3 });
      await sleep(500);
      await at(1000, (index) =>
        traffic.send(traffic.attack, ATTACKER, { ...toGuess(index), client_id: 'spa', client_secret: '' }),
      );
      await honest;
    },
    check: ({ honest, attack }) => [success(honest, 1, 0.95), limited(attack), verdicts(attack, 100, 100)],
  },
  {
    name: 'host-time-out',
    row: '4',
    title: "the host's own time-out middleware answers first (200 ms; a secret takes 300 ms); bodies held back past it",
    host: { hashMs: 300, hostTimeoutMs: 200 },
    async drive({ traffic, codes, look, note, isQuick }) {
      const given = await codes(60);
      const honest = traffic.offerHonest(given.slice(0, 40), { rate: 10, seconds: 4 });
      // Four are hashed at a time: one after the other they would not be done within the scenario.
      // On and on until the limit is reached, or for so long.
      const guesses = isQuick ? 400 : 2000;
      for (let index = 0; index < guesses && traffic.attack.count(429) === 0; index += 40) {
        await at(40, (number) => traffic.send(traffic.attack, ATTACKER, toGuess(index + number), { patienceMs: 1500 }));
      }
      await at(20, (index) => holdBack(traffic, given[40 + index], 400));
      await honest;
      await sleep(1000);
      const { calls } = await look();
      note('secrets that were checked', calls.authenticate);
      note('codes sent behind the time-out', 20);
    },
    check: ({ honest, attack, notes, isQuick }) => [
      success(honest, 1, 0.95),
      ...(isQuick ? [] : [limited(attack)]),
      { what: 'secrets checked', is: notes['secrets that were checked'], atMost: 120, widelyAtMost: 160 },
    ],
  },
  {
    name: 'ports',
    row: '8',
    title: '`X-Forwarded-For` with a port: 250 guesses over IPv4 and 250 over IPv6, each with another port',
    host: { trustProxy: true },
    async drive({ traffic, codes }) {
      const given = await codes(100);
      // Fifty honest clients, each behind a gateway that writes the port of its connection.
      const honest = traffic.offerHonest(given, {
        rate: 25,
        seconds: 4,
        forwardedFor: (number) => `198.51.100.${(number % 50) + 1}:${20_000 + number}`,
      });
      for (let index = 0; index < 250; index += 1) {
        for (const address of ['203.0.113.9', '[2001:db8::1]']) {
          const forwardedFor = `${address}:${30_000 + index}`;
          await traffic.send(traffic.attack, ATTACKER, toGuess(index), { forwardedFor });
        }
      }
      await honest;
    },
    check: ({ honest, attack }) => [success(honest, 1, 0.95), limited(attack), verdicts(attack, 200, 200)],
  },
  {
    name: 'preflights',
    row: '12',
    title:
      '500 preflights at once and then 3,000, all from one address; `allowedOrigins` is a function that takes 200 ms',
    host: { storeMs: 200, hasOrigins: true },
    async drive({ traffic, codes, look, note, isQuick }) {
      const given = await codes(60);
      const honest = traffic.offerHonest(given, { rate: 10, seconds: 5 });
      await at(500, () => preflight(traffic));
      const { calls } = await look();
      note('calls of it for 500', calls.origins);
      await at(isQuick ? 2000 : 3000, () => preflight(traffic));
      const after = await look();
      note('running at once, at most', after.calls.originsAtOnce);
      await honest;
    },
    check: ({ honest, notes }) => [
      success(honest, 1, 0.95),
      { what: 'origins looked up at once', is: notes['running at once, at most'], atMost: 1000, widelyAtMost: 1200 },
    ],
  },
  ...['', ', without `get`'].map((without) => ({
    name: without ? 'store-without-get' : 'store',
    row: '13',
    title: `a limiter store that nodes share${without}: operations for 200 successes, then for 50 refusals`,
    host: { countsLimiter: true, limiterHasGet: !without },
    async drive({ traffic, codes, look, note }) {
      const given = await codes(200);
      const before = await look();
      await traffic.offerHonest(given, { rate: 100, seconds: 2 });
      const { limiter } = await look();
      note('operations a success', (sum(limiter) - sum(before.limiter)) / 200);
      // Each from another address: nobody is limited, each refusal is written.
      await at(50, (index) => traffic.send(traffic.attack, `127.0.70.${index + 1}`, toGuess(index)));
      const after = await look();
      note('operations a refusal', (sum(after.limiter) - sum(limiter)) / 50);
    },
    check: ({ honest, notes }) => [
      success(honest, 1),
      { what: 'operations a success', is: notes['operations a success'], atMost: without ? 2 : 1 },
      { what: 'operations a refusal', is: notes['operations a refusal'], atMost: without ? 3 : 2 },
    ],
  })),
];

const sum = ({ get, increment, decrement }) => get + increment + decrement;

export const success = (honest, goal, widely = goal) => ({
  what: 'honest success',
  is: honest.success(),
  atLeast: goal,
  widelyAtLeast: widely,
});
const limited = (attack) => ({ what: '429s for the attacker', is: attack.count(429), atLeast: 1 });
const verdicts = (attack, goal, widely) => ({
  what: 'verdicts for the attacker',
  is: attack.verdicts(),
  atMost: goal,
  widelyAtMost: widely,
});

async function preflight(traffic) {
  const connection = traffic.open(ATTACKER);
  const startedAt = performance.now();
  connection.write(
    'OPTIONS /oauth/token HTTP/1.1\r\nHost: auth.example\r\nOrigin: https://app.example\r\n' +
      'Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n',
  );
  const { status } = await connection.answer();
  traffic.attack.record(status, performance.now() - startedAt);
  connection.hangUp();
}

/** All of a good request but its last byte, which comes after the host has answered. */
async function holdBack(traffic, given, milliseconds) {
  const { bytes } = toPost(toParameters(given), { address: HONEST[1] });
  const connection = traffic.open(HONEST[1]);
  connection.write(bytes.slice(0, -1));
  await sleep(milliseconds);
  connection.write(bytes.slice(-1));
  await sleep(300);
  connection.hangUp();
}
