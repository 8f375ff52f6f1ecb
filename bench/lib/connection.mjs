import { connect } from 'node:net';

/**
 * One keep-alive connection on which one request waits for its answer at a time. No HTTP client: its cost would be the
 * larger half of the load.
 */
export function createConnection(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let received = '';
  let waiting;

  const settle = (error, answer) => {
    const { resolve, reject } = waiting;
    waiting = undefined;
    received = '';
    if (error) reject(error);
    else resolve(answer);
  };

  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    received += text;
    const answer = parseAnswer(received);
    if (answer) settle(undefined, answer);
  });
  socket.on('error', (error) => waiting && settle(error));
  socket.on('close', () => waiting && settle(new Error(`the server closed the connection after "${received}"`)));

  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(bytes);
      }),
    close: () => socket.destroy(),
  };
}

/** The answer, once all of it is there. Every rig names the length of its body. */
function parseAnswer(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const length = /\r\ncontent-length: (\d+)/i.exec(head);
  if (!length) throw new Error(`an answer without Content-Length: ${head}`);
  const body = text.slice(end + 4);
  if (body.length < Number(length[1])) return undefined;
  if (body.length > Number(length[1])) throw new Error(`an answer longer than it says: ${text}`);
  return { status: Number(head.slice(9, 12)), head, body };
}
