import { connect } from 'node:net';
import { platform } from 'node:os';

/** How long a client waits for an answer before it hangs up. */
export const PATIENCE_MS = 10_000;
/** Node closes a connection that has idled for 5 s. One that idled for longer than this is not used again. */
const REUSE_MS = 3000;

/** No more connections wait for an answer at once; a process may not have more files open than twice that. */
const MAX_WAITING = 8000;

/** Linux answers on the whole of 127.0.0.0/8, so each client can have an address. Elsewhere a header has to name it. */
export const hasAddresses = platform() === 'linux';

/**
 * One connection without an HTTP client, so that bodies can be held back, cut into pieces and abandoned. An answer is
 * `{ status, retryAfter, body, isLast }`. Its `status` is `closed` where the connection ended without one, and `no answer`
 * where the client gave up.
 */
export function openConnection(port, address) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...(hasAddresses && { localAddress: address }) });
  let received = '';
  let waiting;
  let timer;
  let isOpen = true;

  const settle = (answer) => {
    clearTimeout(timer);
    const resolve = waiting;
    waiting = undefined;
    resolve?.(answer);
  };
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    received += text;
    if (!waiting) return;
    const answer = parseAnswer(received);
    if (!answer) return;
    received = '';
    settle(answer);
  });
  // A reset comes as an error first, and the end of the connection follows.
  socket.on('error', () => {});
  socket.on('close', () => {
    isOpen = false;
    settle({ status: 'closed', isLast: true });
  });

  const connection = {
    lastUsedAt: 0,
    isOpen: () => isOpen,
    write: (bytes) => isOpen && socket.write(bytes),
    /** Resolves once the bytes have left this process, or never will. */
    flush: (bytes) =>
      new Promise((resolve) => {
        if (!isOpen) return resolve();
        socket.write(bytes, () => resolve());
      }),
    /** Resolves once the socket takes more. */
    drain: () =>
      new Promise((resolve) => {
        if (!isOpen || !socket.writableNeedDrain) return resolve();
        const go = () => {
          socket.off('drain', go);
          socket.off('close', go);
          resolve();
        };
        socket.on('drain', go);
        socket.on('close', go);
      }),
    answer: (patienceMs = PATIENCE_MS) =>
      new Promise((resolve) => {
        const early = parseAnswer(received);
        if (early) received = '';
        if (early) return resolve(early);
        if (!isOpen) return resolve({ status: 'closed', isLast: true });
        waiting = resolve;
        timer = setTimeout(() => {
          settle({ status: 'no answer', isLast: true });
          socket.destroy();
        }, patienceMs);
      }),
    /** Resolves with the milliseconds until the server ends the connection, or with `undefined` after that time. */
    ended: (withinMs) =>
      new Promise((resolve) => {
        const startedAt = performance.now();
        if (!isOpen) return resolve(0);
        const late = setTimeout(() => resolve(undefined), withinMs);
        socket.on('close', () => {
          clearTimeout(late);
          resolve(performance.now() - startedAt);
        });
      }),
    hangUp: () => socket.destroy(),
  };
  return connection;
}

function parseAnswer(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const status = Number(head.slice(9, 12));
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const body = text.slice(end + 4);
  if (body.length < length) return undefined;
  return {
    status,
    retryAfter: Number(/\r\nretry-after: (\d+)/i.exec(head)?.[1] ?? Number.NaN),
    isLast: /\r\nconnection: close/i.test(head),
    body,
  };
}

/** Keeps connections alive, by the address of the client that opened them. */
export function createPool(port) {
  const idle = new Map();
  let waiting = 0;

  const take = (address) => {
    const connections = idle.get(address) ?? [];
    for (let connection = connections.pop(); connection; connection = connections.pop()) {
      const isFresh = connection.isOpen() && performance.now() - connection.lastUsedAt < REUSE_MS;
      if (isFresh) return connection;
      connection.hangUp();
    }
    return openConnection(port, address);
  };

  return {
    async send(address, bytes, patienceMs) {
      if (waiting >= MAX_WAITING) return { status: 'not sent' };
      const connection = take(address);
      connection.write(bytes);
      waiting += 1;
      const answer = await connection.answer(patienceMs);
      waiting -= 1;
      connection.lastUsedAt = performance.now();
      if (answer.isLast) connection.hangUp();
      else if (idle.has(address)) idle.get(address).push(connection);
      else idle.set(address, [connection]);
      return answer;
    },
    close() {
      for (const connection of [...idle.values()].flat()) connection.hangUp();
      idle.clear();
    },
  };
}
