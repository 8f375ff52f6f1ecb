import { ATTACKER, attackerAt, offer, toGuess } from '../traffic.mjs';
import { success } from './limiter.mjs';

/** What strangers can make the authentication of clients do: slow hashes and fetches. */
export const clients = [
  {
    name: 'slow-hashes',
    row: 'K2',
    title:
      'one address guesses a secret that is hashed by scrypt, 40 times a second; honest clients redeem codes for tokens signed by RS256, the client of that secret among them',
    host: { readyClients: true, signing: 'rs256' },
    async drive({ traffic, codes, isQuick }) {
      const seconds = isQuick ? 4 : 10;
      const publicly = await codes(20 * seconds);
      const confidential = await codes(5 * seconds, true);
      await Promise.all([
        offer({
          rate: 40,
          seconds,
          send: (number, due) => traffic.send(traffic.attack, ATTACKER, toGuess(number), { due }),
        }),
        traffic.offerHonest(publicly, { rate: 20, seconds, retries: 3 }),
        // It comes again where a 503 asks for it: its secret is hashed once, and remembered then.
        traffic.offerHonest(confidential, { rate: 5, seconds, retries: 3, isConfidential: true }),
      ]);
    },
    check: ({ honest }) => [success(honest, 1, 0.8), faults(honest)],
  },
  {
    name: 'invented-urls',
    row: 'K4',
    title: '500 requests a second with invented client URLs, from 50 addresses; honest clients redeem codes',
    host: { readyClients: true },
    async drive({ traffic, codes, isQuick }) {
      const seconds = isQuick ? 4 : 10;
      const given = await codes(30 * seconds);
      await Promise.all([
        offer({
          rate: 500,
          seconds,
          send: (number, due) =>
            traffic.send(
              traffic.attack,
              attackerAt(number % 50),
              { ...toGuess(number), client_id: `https://invented.example/${number}`, client_secret: '' },
              { due },
            ),
        }),
        traffic.offerHonest(given, { rate: 30, seconds, retries: 3 }),
      ]);
    },
    check: ({ honest, figures }) => [
      success(honest, 1, 0.5),
      faults(honest),
      // A minute may end while the scenario runs.
      { what: 'fetches', is: figures.calls.fetches, atMost: 120 },
    ],
  },
];

const faults = (honest) => ({ what: '500s', is: honest.count(500), atMost: 0 });
