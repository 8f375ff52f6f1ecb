import { ServerResponse } from 'node:http';

/** An answer as it left a server of this process. */
export interface SentAnswer {
  method: string;
  /** Without the query string. */
  path: string;
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Records every answer that a server of this process begins from now on, until the mocks are restored. */
export function recordAnswers(): SentAnswer[] {
  const { writeHead, write, end } = ServerResponse.prototype;
  const answers: SentAnswer[] = [];
  // An answer of the spec before may still have to end: the last one on a connection waits for the rest of its request.
  const begun = new WeakSet<ServerResponse>();
  const written = new WeakMap<ServerResponse, string>();

  const take = (res: ServerResponse, chunk: unknown) => {
    const text = typeof chunk === 'string' || Buffer.isBuffer(chunk) ? String(chunk) : '';
    written.set(res, (written.get(res) ?? '') + text);
  };
  jest.spyOn(ServerResponse.prototype, 'writeHead').mockImplementation(function (this: ServerResponse, ...args) {
    begun.add(this);
    return Reflect.apply(writeHead, this, args);
  });
  jest.spyOn(ServerResponse.prototype, 'write').mockImplementation(function (this: ServerResponse, ...args) {
    take(this, args[0]);
    return Reflect.apply(write, this, args);
  });
  jest.spyOn(ServerResponse.prototype, 'end').mockImplementation(function (this: ServerResponse, ...args) {
    // An answer to a client that has hung up is none.
    const isFirst = !this.writableEnded && !this.destroyed;
    if (isFirst) take(this, args[0]);
    const ended = Reflect.apply(end, this, args);
    // `_header` is the header as it was sent: what was given to writeHead is in no getHeaders().
    if (isFirst && begun.has(this)) answers.push(describeAnswer(this as SentResponse, written.get(this) ?? ''));
    return ended;
  });
  return answers;
}

type SentResponse = ServerResponse & { _header?: string | null };

function describeAnswer({ req, statusCode, _header }: SentResponse, body: string): SentAnswer {
  const [, ...lines] = String(_header ?? '')
    .trim()
    .split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  // Routers take the path that they are mounted under off `url`.
  const { originalUrl = req.url } = req as { originalUrl?: string; url?: string };
  const path = String(originalUrl).replace(/\?.*/, '');
  return { method: String(req.method), path, status: statusCode, headers: Object.fromEntries(headers), body };
}
