import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** What came back over the socket. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Serves the app on a free loopback port while `use` runs. */
export async function withServer<T>(
  app: RequestListener,
  use: (port: number, server: Server) => Promise<T>,
): Promise<T> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use((server.address() as AddressInfo).port, server);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Writes bytes to a socket as they are, for requests that no client library would send. */
export function sendBytes(port: number, bytes: Buffer | string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(parseAnswer(Buffer.concat(chunks).toString('latin1'))));
    socket.on('error', reject);
  });
}

/** A connection that the spec keeps open. */
export interface RawConnection {
  /** Writes, and waits until the kernel has taken it. What a closed socket does not take is dropped in silence. */
  write(bytes: Buffer | string): Promise<void>;
  /** Everything that has come back so far. */
  received(): string;
  /** Waits until what has come back matches, or the connection is closed. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves, with all that came back, when the connection is closed. */
  readonly closed: Promise<string>;
  destroy(): void;
}

/** Opens a connection to write to it piece by piece. */
export async function openConnection(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  // Whoever writes to a server that cuts it off gets an error, and then the end.
  socket.on('error', () => {});
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  await new Promise((resolve) => socket.once('connect', resolve));
  return {
    write: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    received: () => text,
    until: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          if (pattern.test(text)) resolve(text);
        };
        look();
        socket.on('data', look).on('close', () => resolve(text));
      }),
    closed,
    destroy: () => socket.destroy(),
  };
}

/** A chunked request, up to the end of its header. */
export function chunkedHead(headers: readonly string[], target = '/oauth/token'): string {
  return `${[`POST ${target} HTTP/1.1`, 'Host: auth.example', 'Transfer-Encoding: chunked', ...headers].join('\r\n')}\r\n\r\n`;
}

/** One chunk of a chunked body; without text the last one. */
export function chunk(text = ''): string {
  return text === '' ? '0\r\n\r\n' : `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** Writes bytes to a socket and hangs up once they are on their way. */
export function hangUpAfter(port: number, bytes: Buffer): void {
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(bytes, () => setTimeout(() => socket.destroy(), 20));
  });
}

/** A form request with `Connection: close`, its header lines as given. */
export function rawPost(headers: readonly string[], body: Buffer | string, target = '/oauth/token'): Buffer {
  const bytes = Buffer.from(body);
  const lines = [
    `POST ${target} HTTP/1.1`,
    'Host: auth.example',
    'Connection: close',
    `Content-Length: ${bytes.length}`,
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

function parseAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(statusLine.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
}
