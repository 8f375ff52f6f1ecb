import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { createTokenRouter } from 'express-token-router';
import { createDpopVerifier } from 'express-token-router/dpop';
import { memoryStore } from 'express-token-router/memory';

/** What clients call it. No host sees this URL: a gateway has rewritten it. */
export const TOKEN_ENDPOINT = 'https://auth.example/functions/auth/oauth/token';
export const ORIGIN = 'https://app.example';
/** Milliseconds: a host that does not answer fails alone. */
const TIME_LIMIT_MS = 20_000;
/** A code whose lookup fails, as a database may. */
export const FAULTY_CODE = 'the database is down';

/** One authorization server: its store, the options of its router, and the router in an app. One proxy stands before it. */
export function createService({ path = '/oauth/token' } = {}) {
  const store = memoryStore();
  const options = {
    ...store.adapters,
    refresh: undefined,
    path,
    tokenEndpoint: TOKEN_ENDPOINT,
    verifyDpop: createDpopVerifier({ consumeJti: store.consumeJti }),
    allowedOrigins: [ORIGIN],
    rateLimit: { limit: 2 },
    async findCode(code, req) {
      if (code === FAULTY_CODE) throw new Error('SECRET: no connection to 10.0.0.1');
      const found = await store.adapters.findCode(code, req);
      // Two requests with one code are both here before either of them spends it.
      await sleep(20);
      return found;
    },
    issueTokens: () => ({ access_token: randomUUID(), expires_in: 3600 }),
    // Taken, so that it is not written to console.error.
    onOutcome({ fault }) {
      void fault;
    },
  };
  const router = createTokenRouter(options);
  const app = express().set('trust proxy', 1).use(router);
  return { path, saveCode: store.saveCode, options, router, app };
}

/** Serves a listener over HTTP, and sends to it as the proxy before it does: with the client's address in a header. */
export async function serveHttp(listener, { path }) {
  const server = typeof listener === 'function' ? createServer(listener) : listener;
  if (!server.listening) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return connectTo(server.address().port, path, async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
}

export function connectTo(port, path, stop) {
  return {
    async send({ method = 'POST', headers, body, address }) {
      const url = `http://127.0.0.1:${port}${path}`;
      const signal = AbortSignal.timeout(TIME_LIMIT_MS);
      const response = await fetch(url, { method, body, signal, headers: { ...headers, 'x-forwarded-for': address } });
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
    },
    stop,
  };
}
