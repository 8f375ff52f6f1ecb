import type { Backend } from '../../lib/stores/backend';
import { shorten } from '../../lib/stores/digest';
import * as expiring from '../../lib/stores/expiring-map';
import { createMemoryBackend } from '../../lib/stores/memory-backend';
import { memoryJtis } from '../../lib/stores/memory-jtis';
import type { StoreOptions } from '../../lib/stores/options';
import { postgresStore, type Query } from '../../lib/stores/postgres';
import { redisStore, type SendCommand } from '../../lib/stores/redis';
import * as scripts from '../../lib/stores/redis-scripts';
import { createStore } from '../../lib/stores/store';
import type { HostCode } from '../support/issuer';
import type { Gate } from './scheduler';

export type HostStore = ReturnType<typeof createStore<HostCode>>;

/** What one play puts into a store, by its digests. */
interface Traces {
  grant: string;
  user: string;
  tokens: readonly string[];
}

/** A store whose steps wait at the gate, and how they are called that end a grant. */
export interface GatedStore {
  store: HostStore;
  leeway: number;
  isRevocation: (name: string) => boolean;
  /** Whether a step of a request can still tell that its grant has ended. Without it, each can. */
  decides?: (name: string) => boolean;
  /** All that the store holds of a play. */
  contents: (traces: Traces) => Promise<{ grant: unknown; tokens: unknown[] }>;
}

type Options = StoreOptions & { leeway: number };
type StepOf = <T>(name: string, operation: () => T | Promise<T>) => Promise<T>;

/** What a broken store does instead of one step of the backend. `step` passes the gate. */
export type Break = (backend: Backend, step: StepOf) => Partial<Backend>;

/** Makes something, and has every map of it read: as it is, and not as the store shows it. */
function watchMaps<T>(make: () => T): { made: T; maps: (() => [string, unknown][])[] } {
  const maps: (() => [string, unknown][])[] = [];
  const { createExpiringMap } = expiring;
  const spy = jest.spyOn(expiring, 'createExpiringMap').mockImplementation(() => {
    const map = createExpiringMap<unknown>();
    const keys = new Set<string>();
    maps.push(() => [...keys].map((key) => [key, map.get(key)]));
    return { ...map, add: (key, ...given) => map.add(key, ...given) && Boolean(keys.add(key)) };
  });
  try {
    return { made: make(), maps };
  } finally {
    spy.mockRestore();
  }
}

/** The store of this process: each call of the backend is a step. */
export function gateMemory(gate: Gate, options: Options, breakIt: Break = () => ({})): GatedStore {
  const { made: gated, maps } = watchMaps((): Backend => {
    const backend = createMemoryBackend();
    const steps = Object.entries(backend).map(([name, call]) => {
      if (name === 'digest') return [name, call];
      return [name, (...given: never[]) => gate.pass(name, () => (call as (...g: never[]) => unknown)(...given))];
    });
    return { ...Object.fromEntries(steps), ...breakIt(backend, (name, operation) => gate.pass(name, operation)) };
  });
  const contents = async ({ grant, user }: Traces) => {
    const entries = maps.flatMap((read, map) => read().map(([key, value]) => ({ map, key, value })));
    return {
      grant: entries.filter(({ key }) => key === grant || key === user),
      tokens: entries.filter(({ value }) => isOf(grant, value)),
    };
  };
  const store = createStore<HostCode>('memoryStore', gated, memoryJtis().consumeJti, options);
  return { store, leeway: options.leeway, isRevocation: (name) => name.startsWith('revoke'), contents };
}

const isOf = (grant: string, value: unknown) => (value as { grant?: string } | undefined)?.grant === grant;

const SCRIPTS = new Map(Object.entries(scripts).map(([name, text]) => [text, name]));
/** The parts of a reply that is a list. */
const REPLIES: Readonly<Record<string, readonly string[]>> = {
  // Of the store that is broken on purpose.
  HMGET: ['redeemed'],
  FIND_CODE: ['text', 'spentFor', 'spentBy'],
  FIND_FAMILY: [
    ...['text', 'endsAt', 'generation', 'floor', 'late', 'spentFor'],
    ...['spender', 'spentFloor', 'sibling', 'run'],
  ],
};
/** KEYS: grant, user, tokens. */
const READ_ALL = `
local tokens = {}
for index = 3, #KEYS do tokens[index - 2] = redis.call('GET', KEYS[index]) end
return {redis.call('HGETALL', KEYS[1]), redis.call('ZRANGE', KEYS[2], 0, -1), tokens}`;

/** The store on Redis: each command is a step. What `breakIt` sends passes the gate. */
export function gateRedis(
  gate: Gate,
  send: SendCommand,
  options: Options,
  breakIt: (sendCommand: SendCommand) => SendCommand = (intact) => intact,
): GatedStore {
  const nameOf = (args: readonly string[]) => (args[0] === 'EVAL' ? SCRIPTS.get(String(args[1])) : args[0]) ?? 'EVAL';
  const sendCommand = breakIt((...args) => {
    const name = nameOf(args);
    const describe = (reply: unknown) =>
      Array.isArray(reply) && REPLIES[name]
        ? Object.fromEntries(REPLIES[name].map((part, index) => [part, reply[index]]))
        : reply;
    return gate.pass(name, () => send(...args), describe);
  });
  const contents = async ({ grant, user, tokens }: Traces) => {
    const keys = [
      `grant:{${shorten(grant)}}`,
      `user:${shorten(user)}`,
      ...tokens.map((each) => `token:${shorten(each)}`),
    ];
    const named = keys.map((key) => `oauth:${key}`);
    const [fields, grants, places] = (await send('EVAL', READ_ALL, String(named.length), ...named)) as string[][];
    const pairs = (fields ?? []).flatMap((name, index) => (index % 2 === 0 ? [[name, fields?.[index + 1]]] : []));
    const grantFields = Object.fromEntries(pairs.sort());
    return { grant: [grantFields, grants], tokens: tokens.map((token, index) => [token, places?.[index]]) };
  };
  return {
    store: redisStore<HostCode>({ sendCommand, ...options }),
    leeway: options.leeway,
    isRevocation: (name) => name === 'REVOKE',
    // JOIN lets a token into its grant. SET only writes it down after that, and it is dead if the grant is.
    decides: (name) => name !== 'SET',
    contents,
  };
}

const READ_GRANT = "SELECT to_jsonb(g) AS held FROM oauth_grants g WHERE digest = decode($1, 'hex')";
const READ_TOKENS = `
SELECT to_jsonb(t) AS held FROM oauth_refresh_tokens t
WHERE digest = ANY (SELECT decode(unnest($1::text[]), 'hex'))`;

/** The store on PostgreSQL: each statement is a step. What `breakIt` asks passes the gate. */
export function gatePostgres(
  gate: Gate,
  run: Query,
  options: Options,
  breakIt: (query: Query) => Query = (intact) => intact,
): GatedStore {
  const query = breakIt((text, values) => {
    const name = text.trim().replaceAll(/\s+/g, ' ').slice(0, 100);
    return gate.pass(
      name,
      () => run(text, values),
      ({ rows }) => rows,
    );
  });
  const isRevocation = (name: string) => /revoked_at, kept_until\) VALUES|SET revoked_at/.test(name);
  const contents = async ({ grant, tokens }: Traces) => {
    const [grants, rows] = await Promise.all([run(READ_GRANT, [grant]), run(READ_TOKENS, [tokens])]);
    return { grant: grants.rows, tokens: [...rows.rows] };
  };
  return { store: postgresStore<HostCode>({ query, ...options }), leeway: options.leeway, isRevocation, contents };
}
