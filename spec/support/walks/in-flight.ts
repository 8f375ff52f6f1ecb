import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Express } from 'express';
import { createEndpoint, type Options } from '../endpoint';
import type { Walk } from './walk';

/** Sends a second request while the first one is looked up. */
async function meetFirst(bounds: Partial<Options>) {
  let find = () => {};
  let begin = () => {};
  const found = new Promise<void>((resolve) => {
    find = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const endpoint = createEndpoint({
    ...bounds,
    async findCode() {
      begin();
      await found;
      return endpoint.code;
    },
  });
  return {
    endpoint,
    async meet(waste: () => Promise<void> = async () => {}) {
      const first = endpoint.post().then(({ status }) => status);
      await begun;
      await waste();
      const answer = await endpoint.post();
      const outcomes = [...endpoint.outcomes];
      find();
      await first;
      return { answer, outcomes };
    },
  };
}

const meetIn = (bounds: Partial<Options>) => async () => (await meetFirst(bounds)).meet();

/** A request that does not come to its end, without the cost of a connection. */
function send(app: Express): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  req.method = 'POST';
  req.url = '/oauth/token';
  req.headers['content-type'] = 'application/x-www-form-urlencoded';
  app(req, new ServerResponse(req));
  return req;
}

/** Turns of the event loop that are too long. */
async function standStill(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    const until = process.uptime() + 0.65;
    while (process.uptime() < until);
    await new Promise(setImmediate);
  }
}

export const walk: Walk = {
  too_many_in_flight: meetIn({ maxInFlight: 1 }),
  too_many_in_flight_of_address: meetIn({ maxInFlightPerAddress: 1 }),
  sender_displaced: async () => {
    const endpoint = createEndpoint({ rateLimit: false });
    const requests = Array.from({ length: 4001 }, () => send(endpoint.app));
    while (endpoint.outcomes.length === 0) await new Promise(setImmediate);
    const outcomes = [...endpoint.outcomes];
    for (const req of requests) req.destroy();
    return { answer: undefined, outcomes };
  },
  event_loop_late: async () => (await meetFirst({})).meet(standStill),
};
