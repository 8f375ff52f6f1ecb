import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TokenEndpointBench, TokenEndpointHost } from '../../lib/testing';
import { describeTokenEndpoint } from '../../lib/testing';

/** An answer as it is sent. */
export interface Sent {
  status: number;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** Changes an answer: the first one is number 0. `undefined` leaves it as it is. */
export type Tamper = (index: number, answer: Sent, req: IncomingMessage, form: URLSearchParams) => Sent | undefined;

const readAll = async (stream: AsyncIterable<Buffer>) => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** The app of a bench behind something that changes its answers. Counts them. */
export function tamperWith(bench: TokenEndpointBench, tamper: Tamper) {
  const server = createServer(bench.app).listen(0, '127.0.0.1');
  let count = 0;
  const app: RequestListener = async (req: IncomingMessage, res: ServerResponse) => {
    const index = count;
    count += 1;
    const body = await readAll(req);
    const { port } = server.address() as AddressInfo;
    const { method, url, headers } = req;
    const inner = send({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, async (answer) => {
      const text = (await readAll(answer)).toString();
      const { date: _date, connection: _connection, 'content-length': _length, ...rest } = answer.headers;
      const sent = {
        status: Number(answer.statusCode),
        headers: rest as Sent['headers'],
        body: text && JSON.parse(text),
      };
      const changed = tamper(index, sent, req, new URLSearchParams(body.toString())) ?? sent;
      res.writeHead(changed.status, changed.headers).end(changed.body && JSON.stringify(changed.body));
    });
    inner.end(body);
  };
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await bench.close?.();
  };
  return { bench: { ...bench, app, close }, count: () => count };
}

interface SuiteRule {
  name: string;
  run: () => Promise<void>;
}

/** The rules of the suite for a host, and the names of those that are skipped. */
export function collectRules(host: TokenEndpointHost | undefined, create: () => TokenEndpointBench) {
  const rules: SuiteRule[] = [];
  const skipped: string[] = [];
  const test = Object.assign((name: string, run: () => Promise<void>) => rules.push({ name, run }), {
    skip: (name: string) => skipped.push(name),
  });
  describeTokenEndpoint(test, create, host);
  return { rules, skipped };
}

/** Runs one rule for a host. The message of its failure, or `passed`. */
export async function runSuiteRule(name: string, host: TokenEndpointHost, create: () => TokenEndpointBench) {
  const rule = collectRules(host, create).rules.find((each) => each.name === name);
  if (!rule) return `There is no rule ${name}`;
  return rule.run().then(
    () => 'passed',
    (thrown: Error) => thrown.message,
  );
}

/** The messages of the rules that fail, of those that have such a name. */
export async function failuresOf(host: TokenEndpointHost, create: () => TokenEndpointBench, names: RegExp) {
  const failures: Record<string, string> = {};
  for (const { name, run } of collectRules(host, create).rules) {
    if (!names.test(name)) continue;
    await run().catch((thrown: Error) => {
      failures[name] = thrown.message;
    });
  }
  return failures;
}
