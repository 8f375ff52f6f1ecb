import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';

/** Several node processes in front of one store. */
export interface Nodes {
  ports: readonly number[];
  processes: readonly ChildProcess[];
  /** The grants that the nodes have made tokens for, one entry each time. Nodes that are gone tell nothing. */
  listIssued(): Promise<string[]>;
  /** How often a node gave each reason. */
  countReasons(node: number): Promise<Readonly<Record<string, number>>>;
  /** Tells a node what to do: `die before the answer`, or how many milliseconds its clock jumps. */
  tell(node: number, order: string | number): void;
  stop(): Promise<void>;
}

/** Starts node processes; `env` may differ from one to the next. */
export async function startNodes(environments: readonly NodeJS.ProcessEnv[]): Promise<Nodes> {
  const processes = environments.map((env) => fork(join(__dirname, 'node.js'), { env: { ...process.env, ...env } }));
  const ports = await Promise.all(
    processes.map(async (child) => {
      const [message] = (await once(child, 'message')) as [{ port: number }];
      return message.port;
    }),
  );
  const ask = async (child: ChildProcess) => {
    const told = once(child, 'message');
    child.send('report');
    const [message] = (await told) as [{ issued: string[]; reasons: Record<string, number> }];
    return message;
  };
  return {
    ports,
    processes,
    async listIssued() {
      const reports = await Promise.all(processes.filter(({ connected }) => connected).map(ask));
      return reports.flatMap(({ issued }) => issued);
    },
    countReasons: async (node) => (await ask(processes[node] as ChildProcess)).reasons,
    tell(node, order) {
      processes[node]?.send(order);
    },
    async stop() {
      await Promise.all(
        processes.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const gone = once(child, 'exit');
          child.kill('SIGKILL');
          await gone;
        }),
      );
    },
  };
}

/** What came back: a status of 0 where the connection broke. */
export interface Answer {
  status: number;
  body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

export function post(port: number, form: Readonly<Record<string, string>>): Promise<Answer> {
  return new Promise((resolve) => {
    const bytes = new URLSearchParams(form).toString();
    const req = request({ port, host: '127.0.0.1', path: '/oauth/token', method: 'POST', agent }, (res) => {
      let body = '';
      res.setEncoding('utf8');
      res.on('data', (chunk) => {
        body += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body }));
      res.on('error', () => resolve({ status: 0, body: '' }));
    });
    req.on('error', () => resolve({ status: 0, body: '' }));
    req.setHeader('content-type', 'application/x-www-form-urlencoded');
    req.setHeader('content-length', bytes.length);
    req.end(bytes);
  });
}

/** Ends the connections that the client keeps. */
export const hangUp = () => agent.destroy();

/** Runs `work` for every item, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
) {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}
