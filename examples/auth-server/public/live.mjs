// What the server recorded of this browser's requests, as it happens (server-sent events).
const exchanges = new Map();
const waiting = new Map();
const listeners = new Set();

export function listen(listener) {
  listeners.add(listener);
}

export function open() {
  const source = new EventSource('/demo/events');
  source.addEventListener('message', ({ data }) => {
    const exchange = JSON.parse(data);
    if (exchanges.has(exchange.id)) return;
    exchanges.set(exchange.id, exchange);
    for (const listener of listeners) listener(exchange);
    waiting.get(exchange.id)?.(exchange);
    waiting.delete(exchange.id);
  });
  addEventListener('pagehide', () => source.close());
}

/** The recording of the request that was answered with this id. */
export function exchangeOf(id) {
  if (exchanges.has(id)) return Promise.resolve(exchanges.get(id));
  return new Promise((resolve) => waiting.set(id, resolve));
}
