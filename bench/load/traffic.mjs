import { setTimeout as sleep } from 'node:timers/promises';
import { HOST, PATH } from '../lib/wire.mjs';
import { createPool, hasAddresses, openConnection } from './client.mjs';
import { createTally } from './tally.mjs';

export const CLIENT_SECRET = 'correct horse battery staple';
const CONFIDENTIAL = 'web';

const addressAt = (first, index) => `127.0.${first + Math.floor(index / 250)}.${(index % 250) + 1}`;
/** The addresses of honest clients; attackers have others. */
export const HONEST = Array.from({ length: 1000 }, (_, index) => addressAt(1, index));
export const attackerAt = (index) => addressAt(66, index);
export const ATTACKER = attackerAt(0);
/** Warms a server up and is in no figure. */
export const nobodyAt = (index) => addressAt(99, index);

/** The bytes of a POST. `X-Forwarded-For` is for the rows that are about it, and for machines with one loopback address. */
export function toPost(parameters, { address, forwardedFor = hasAddresses ? undefined : address, headers = [] } = {}) {
  const body = new URLSearchParams(parameters).toString();
  const fields = [
    `POST ${PATH} HTTP/1.1`,
    `Host: ${HOST}`,
    'Content-Type: application/x-www-form-urlencoded',
    ...(forwardedFor === undefined ? [] : [`X-Forwarded-For: ${forwardedFor}`]),
    ...headers,
  ];
  return {
    head: fields.join('\r\n'),
    body,
    bytes: `${[...fields, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`,
  };
}

/** What a client sends to redeem a code or a refresh token. */
export function toParameters({ code, codeVerifier, redirectUri, refreshToken }, { isConfidential = false } = {}) {
  const client = isConfidential ? { client_id: CONFIDENTIAL, client_secret: CLIENT_SECRET } : { client_id: 'spa' };
  if (refreshToken) return { grant_type: 'refresh_token', ...client, refresh_token: refreshToken };
  return {
    grant_type: 'authorization_code',
    ...client,
    code,
    code_verifier: codeVerifier,
    redirect_uri: redirectUri,
  };
}

/** A guess: everything is right but the secret. */
export const toGuess = (index) => ({
  grant_type: 'authorization_code',
  client_id: CONFIDENTIAL,
  client_secret: `guess ${index}`,
  code: 'x'.repeat(43),
  code_verifier: 'v'.repeat(43),
  redirect_uri: 'https://app.example/callback',
});

/** Starts `send(number, due)` at a fixed rate, however long the answers take. Resolves once all of them are over. */
export async function offer({ rate, seconds, send }) {
  const startedAt = performance.now();
  const total = Math.round(rate * seconds);
  const pending = [];
  let latest = 0;
  for (let number = 0; number < total; number += 1) {
    const due = startedAt + (number * 1000) / rate;
    while (performance.now() < due) await sleep(1);
    latest = Math.max(latest, performance.now() - due);
    pending.push(send(number, due));
  }
  await Promise.all(pending);
  return { latenessMs: latest };
}

/** The clients of one scenario: honest ones, attackers, and what became of the codes. */
export function createTraffic(port) {
  const pool = createPool(port);
  const honest = createTally();
  const attack = createTally();
  /** Codes and refresh tokens whose client has tokens, and those whose client hung up. */
  const answered = new Set();
  const abandoned = new Set();
  const connections = new Set();

  const traffic = {
    honest,
    attack,
    answered,
    abandoned,

    /** A connection of its own, closed with the scenario. */
    open(address) {
      const connection = openConnection(port, address);
      connections.add(connection);
      return connection;
    },

    /** Sends a request over a kept connection and files the answer. */
    async send(tally, address, parameters, { due = performance.now(), forwardedFor, patienceMs } = {}) {
      const { bytes } = toPost(parameters, { address, forwardedFor });
      const answer = await pool.send(address, bytes, patienceMs);
      tally.record(answer.status, performance.now() - due);
      return answer;
    },

    /** Redeems as an honest client does: it comes again where a 503 asks for it, up to `retries` times. */
    async redeem(given, { address, due = performance.now(), retries = 0, isConfidential, forwardedFor } = {}) {
      const { bytes } = toPost(toParameters(given, { isConfidential }), { address, forwardedFor });
      for (let tries = 1; ; tries += 1) {
        const answer = await pool.send(address, bytes);
        if (answer.status === 503 && tries <= retries && answer.retryAfter >= 0) {
          await sleep(answer.retryAfter * 1000 + Math.random() * 500);
          continue;
        }
        if (answer.status === 200) answered.add(given.code ?? given.refreshToken);
        // Only a client that waits no more has closed: what was spent for it could not be answered.
        if (answer.status === 'no answer') abandoned.add(given.code ?? given.refreshToken);
        honest.record(answer.status, performance.now() - due, tries);
        return answer;
      }
    },

    /** Sends a request and hangs up after that time. */
    async hangUp(given, { address, afterMs }) {
      const connection = traffic.open(address);
      await connection.flush(toPost(toParameters(given), { address }).bytes);
      abandoned.add(given.code ?? given.refreshToken);
      await sleep(afterMs);
      connection.hangUp();
      connections.delete(connection);
    },

    /** Honest redemptions at a fixed rate, from many addresses. */
    offerHonest: (given, { rate, seconds, retries, isConfidential, forwardedFor } = {}) =>
      offer({
        rate,
        seconds,
        send: (number, due) =>
          traffic.redeem(given[number], {
            address: HONEST[number % HONEST.length],
            due,
            retries,
            isConfidential,
            forwardedFor: forwardedFor?.(number),
          }),
      }),

    /** The same, with each answer told to `onAnswer`. */
    offerHonestAt: (given, { rate, seconds, onAnswer }) =>
      offer({
        rate,
        seconds,
        send: async (number, due) => {
          const address = HONEST[number % HONEST.length];
          onAnswer((await traffic.redeem(given[number], { address, due })).status);
        },
      }),

    /** A redemption that no figure counts. */
    warmUp(given, address) {
      answered.add(given.code);
      return pool.send(address, toPost(toParameters(given), { address }).bytes);
    },

    close() {
      pool.close();
      for (const connection of connections) connection.hangUp();
    },
  };
  return traffic;
}
