import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, chownSync, constants, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server of a spec's own: a free port, a temporary folder, and gone with the spec. */
export interface TestServer {
  port: number;
  /** The process that was started; another one after each `restart`. */
  pid(): number;
  /** Sends a signal to the server and to the processes it forked: `SIGKILL`, `SIGSTOP`, `SIGCONT`. */
  signal(name: NodeJS.Signals): void;
  /** Kills the server as a power cut would end it, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and the same data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const HOW_TO_GET = {
  'redis-server': 'Debian and Ubuntu: apt-get install redis-server. macOS: brew install redis',
  postgres: 'Debian and Ubuntu: apt-get install postgresql. macOS: brew install postgresql',
  mariadbd: 'Debian and Ubuntu: apt-get install mariadb-server. macOS: brew install mariadb',
  chromium: 'Debian: apt-get install chromium. Elsewhere: put chromium into your PATH',
} as const;

export type ServerName = keyof typeof HOW_TO_GET;

const SEARCH: Readonly<Record<ServerName, () => string[]>> = {
  'redis-server': listPath,
  postgres: () => [...listDebianPostgres(), ...listPath()],
  mariadbd: () => [...listPath(), '/usr/sbin'],
  chromium: listPath,
};

const isExecutable = (file: string) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

function listPath(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter(Boolean);
}

function listDebianPostgres(): string[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  const newestFirst = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return newestFirst.map((version) => join(root, version, 'bin'));
}

function findServer(name: ServerName): string | undefined {
  return SEARCH[name]()
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/**
 * `describe` for specs that need servers. Where one is missing, the end of the run says which specs did not run and how to
 * get it (reporter.js); with `CI=true` that is a failure.
 */
export function describeWith(names: ServerName | readonly ServerName[], title: string, body: () => void): void {
  const missing = [names].flat().filter((name) => findServer(name as ServerName) === undefined) as ServerName[];
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const text = missing.map((name) => `${name} is missing (${HOW_TO_GET[name]})`).join('; ');
  if (process.env.CI === 'true') {
    describe(title, () => {
      test('has its server', () => {
        throw new Error(text);
      });
    });
    return;
  }
  describe(title, () => {
    test.todo(`NOT RUN: ${text}`);
  });
}

/** The path of a program, which the specs cannot do without. */
export function requireServer(name: ServerName): string {
  const file = findServer(name);
  if (file === undefined) throw new Error(`${name} is missing. ${HOW_TO_GET[name]}`);
  return file;
}

/** A port of the loopback interface that nobody listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Debian's `redis-server`, everything in memory unless the arguments say otherwise. */
export async function startRedis(args: readonly string[] = []): Promise<TestServer> {
  const file = requireServer('redis-server');
  const folder = mkdtempSync(join(tmpdir(), 'token-router-redis-'));
  const port = await findFreePort();
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--loglevel', 'warning'];
  return run({ file, args: [...own, ...args], folder, port, isReady: () => says(port, 'PING\r\n', /^\+PONG/) });
}

/** Three masters of a Redis Cluster, which share the hash slots. */
export interface TestCluster {
  ports: readonly number[];
  /** Sends one command, in Redis's inline form, to every node. */
  tell(command: string): Promise<void>;
  kill(): Promise<void>;
  /** Starts all nodes again on the same ports and the same data, and waits until they serve. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const SLOTS = ['0 5460', '5461 10922', '10923 16383'];

/** A cluster of `redis-server` 7 or newer. */
export async function startRedisCluster(args: readonly string[] = []): Promise<TestCluster> {
  const nodes = await Promise.all(
    SLOTS.map(async (slots) => {
      const bus = await findFreePort();
      const own = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-node-timeout', '15000'];
      return { slots, bus, server: await startRedis([...own, ...args]) };
    }),
  );
  const servers = nodes.map(({ server }) => server);
  const ports = servers.map(({ port }) => port);
  const [first] = nodes as [(typeof nodes)[0]];

  const tell = async (port: number, command: string) => {
    if (!(await says(port, `${command}\r\n`, /^\+OK/, 20_000))) throw new Error(`Redis refused: ${command}`);
  };
  const areReady = async () => {
    // What every node knows of the others, and that all slots are served.
    const ready = /cluster_state:ok.*cluster_slots_ok:16384.*cluster_known_nodes:3/s;
    const answers = await Promise.all(ports.map((port) => says(port, 'CLUSTER INFO\r\n', ready)));
    return answers.every(Boolean);
  };
  const untilReady = async () => {
    const until = Date.now() + 20_000;
    while (!(await areReady())) {
      if (Date.now() > until) throw new Error('the cluster did not start');
      await sleep(50);
    }
  };
  const ofAll = async (step: (server: TestServer) => Promise<void>) => {
    await Promise.all(servers.map(step));
  };

  for (const { server, slots } of nodes) {
    await tell(server.port, `CLUSTER ADDSLOTSRANGE ${slots}`);
    if (server !== first.server) await tell(server.port, `CLUSTER MEET 127.0.0.1 ${first.server.port} ${first.bus}`);
  }
  await untilReady();
  return {
    ports,
    tell: (command) => ofAll(({ port }) => tell(port, command)),
    kill: () => ofAll((server) => server.kill()),
    async restart() {
      await ofAll((server) => server.restart());
      await untilReady();
    },
    stop: () => ofAll((server) => server.stop()),
  };
}

/** Debian's `postgres` with an empty cluster: database, user `postgres`, no password. PostgreSQL refuses to run as root. */
export async function startPostgres(args: readonly string[] = []): Promise<TestServer> {
  const file = requireServer('postgres');
  const folder = mkdtempSync(join(tmpdir(), 'token-router-postgres-'));
  const owner = findUser('postgres');
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const initdb = join(file, '..', 'initdb');
  execFileSync(
    existsSync(initdb) ? initdb : 'initdb',
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...owner, cwd: folder, stdio: 'ignore' },
  );
  const port = await findFreePort();
  const own = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'fsync=off'];
  return run({ file, args: [...own, ...args], folder, port, owner, isReady: () => answersStartup(port) });
}

/** Debian's `mariadbd` with an empty database `test`: user `root`, no password. MariaDB refuses to run as root. */
export async function startMariadb(): Promise<TestServer> {
  const file = requireServer('mariadbd');
  const folder = mkdtempSync(join(tmpdir(), 'token-router-mariadb-'));
  const owner = findUser('mysql');
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = ['--no-defaults', `--datadir=${join(folder, 'data')}`];
  execFileSync('mariadb-install-db', [...data, '--auth-root-authentication-method=normal'], {
    ...owner,
    cwd: folder,
    stdio: 'ignore',
  });
  const port = await findFreePort();
  const network = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 'socket')}`];
  const small = ['--innodb-buffer-pool-size=16M', '--character-set-server=utf8mb4', '--skip-name-resolve'];
  const args = [...data, ...network, ...small, `--pid-file=${join(folder, 'pid')}`];
  // Its greeting: a head of four bytes, and the version of the protocol.
  return run({ file, args, folder, port, owner, isReady: () => says(port, '', /^.{4}\n/s) });
}

type Owner = { uid: number; gid: number };

/** The user that a server of Debian's runs as, where a spec runs as root. */
function findUser(name: string): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

interface Program {
  file: string;
  args: readonly string[];
  folder: string;
  port: number;
  owner?: Owner | undefined;
  isReady: () => Promise<boolean>;
}

async function run({ file, args, folder, port, owner, isReady }: Program): Promise<TestServer> {
  let child: ChildProcess | undefined;

  const isGone = () => child === undefined || child.exitCode !== null || child.signalCode !== null;
  const pid = () => {
    if (child?.pid === undefined) throw new Error(`${file} does not run`);
    return child.pid;
  };
  const signal = (name: NodeJS.Signals) => {
    for (const each of [pid(), ...listChildren(pid())]) {
      try {
        process.kill(each, name);
      } catch {
        // It ended in the meantime.
      }
    }
  };
  const kill = async () => {
    if (isGone()) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    signal('SIGKILL');
    await ended;
  };
  const start = async () => {
    const until = Date.now() + 20_000;
    let said = '';
    while (Date.now() < until) {
      const current = spawn(file, args, { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
      child = current;
      current.on('error', () => undefined);
      current.stderr?.on('data', (chunk) => {
        said = `${said}${chunk}`.slice(-2000);
      });
      while (!isGone() && Date.now() < until) {
        if (await isReady()) return;
        await sleep(20);
      }
      // PostgreSQL refuses to start while a process of its killed predecessor is still going down.
      await sleep(50);
    }
    throw new Error(`${file} did not start: ${said}`);
  };
  const killAtExit = () => {
    if (!isGone()) signal('SIGKILL');
  };

  process.once('exit', killAtExit);
  await start();
  return {
    port,
    pid,
    signal,
    kill,
    restart: start,
    async stop() {
      await kill();
      process.off('exit', killAtExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The processes that a process has forked, where the system tells. */
function listChildren(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether a server answers so within its time. */
function says(port: number, bytes: string | Buffer, expected: RegExp, timeoutMs = 500): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const end = (isReady: boolean) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.setTimeout(timeoutMs, () => end(false));
    socket.on('data', (chunk) => end(expected.test(chunk.toString('latin1'))));
    socket.on('error', () => end(false));
    socket.on('close', () => resolve(false));
  });
}

/** The first message of a PostgreSQL session; an `R` is the server ready to let the user in. */
function answersStartup(port: number): Promise<boolean> {
  const body = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return says(port, Buffer.concat([head, body]), /^R/);
}
