import type { InjectedAnswer } from '../support/inject';
import type { Actor } from './scheduler';

export const OWNER = '198.51.100.1';
const THIEF = '203.0.113.2';

/** A login, and what can be done with it. */
export interface Login {
  code: string;
  /** Refresh tokens, in the order in which they were issued before the play. */
  tokens: string[];
  redeem: (address: string) => Promise<InjectedAnswer>;
  refresh: (token: string | undefined, address: string) => Promise<InjectedAnswer>;
  /** At the revocation endpoint (RFC 7009). */
  revoke: (token: string | undefined) => Promise<InjectedAnswer>;
  revokeGrant: () => Promise<void>;
  revokeUser: () => Promise<void>;
}

type Ends = 'lives' | 'revoked' | 'either';

export interface Scene {
  title: string;
  /** How often the code is redeemed, and its token refreshed, before the actors come. */
  before: 'code' | 'login' | 'refreshed';
  actors: (login: Login) => Record<string, Actor>;
  /** Actors that do the same. */
  alike?: readonly string[];
  /**
   * The request of each actor, where it is one of those below. None of these uses a token that is issued in the play, so
   * it makes no difference who was issued one.
   */
  kinds?: Readonly<Record<string, string>>;
  /** What must hold besides the invariants. */
  ends: Ends;
  /** With a leeway: nobody loses a login by a live token that is used twice at once. */
  endsWithLeeway?: 'lives';
}

const owner = (login: Login) => login.redeem(OWNER);
export const first = ({ tokens }: Login) => tokens[0];
const last = ({ tokens }: Login) => tokens.at(-1);

/** Two requests. Each scene is played in every order of its steps. */
const PAIRS: readonly Scene[] = [
  {
    title: 'one code, twice from one address',
    before: 'code',
    actors: (login) => ({ one: () => owner(login), two: () => owner(login) }),
    ends: 'lives',
  },
  {
    title: 'one code, from two addresses',
    before: 'code',
    actors: (login) => ({ owner: () => owner(login), thief: () => login.redeem(THIEF) }),
    ends: 'revoked',
  },
  {
    title: 'a code, and a logout',
    before: 'code',
    actors: (login) => ({ owner: () => owner(login), logout: () => login.revokeGrant() }),
    ends: 'revoked',
  },
  {
    title: 'one refresh token, twice',
    before: 'login',
    actors: (login) => ({
      one: () => login.refresh(first(login), OWNER),
      two: () => login.refresh(first(login), THIEF),
    }),
    ends: 'either',
    endsWithLeeway: 'lives',
  },
  {
    title: 'a refresh token, and the one before it',
    before: 'refreshed',
    actors: (login) => ({
      owner: () => login.refresh(last(login), OWNER),
      thief: () => login.refresh(first(login), THIEF),
    }),
    ends: 'either',
  },
  {
    title: 'a refresh token, and its revocation',
    before: 'login',
    actors: (login) => ({
      tab: () => login.refresh(first(login), OWNER),
      logout: () => login.revoke(first(login)),
    }),
    ends: 'revoked',
  },
  {
    title: 'a refresh token, and the end of all logins of its user',
    before: 'login',
    actors: (login) => ({ tab: () => login.refresh(first(login), OWNER), admin: () => login.revokeUser() }),
    ends: 'revoked',
  },
];

/** Three requests. */
export const TRIPLES: readonly Scene[] = [
  {
    title: 'one code, three times',
    before: 'code',
    actors: (login) => ({ one: () => owner(login), two: () => owner(login), thief: () => login.redeem(THIEF) }),
    alike: ['one', 'two'],
    ends: 'revoked',
  },
  {
    title: 'a code and then its refresh token, beside a replay of the code',
    before: 'code',
    actors: (login) => ({
      async owner() {
        const { body } = await owner(login);
        if (body.refresh_token) await login.refresh(body.refresh_token, OWNER);
      },
      thief: () => login.redeem(THIEF),
    }),
    ends: 'revoked',
  },
  {
    title: 'one refresh token, three times',
    before: 'login',
    actors: (login) => ({
      one: () => login.refresh(first(login), OWNER),
      two: () => login.refresh(first(login), OWNER),
      three: () => login.refresh(first(login), THIEF),
    }),
    alike: ['one', 'two', 'three'],
    ends: 'either',
    endsWithLeeway: 'lives',
  },
  {
    title: 'a refresh token, the one before it, and a revocation',
    before: 'refreshed',
    actors: (login) => ({
      owner: () => login.refresh(last(login), OWNER),
      thief: () => login.refresh(first(login), THIEF),
      logout: () => login.revoke(last(login)),
    }),
    ends: 'revoked',
  },
];

/** One request of many that may come at once. */
interface Request {
  name: string;
  send: (login: Login) => Promise<unknown>;
  /** Whoever comes with another request ends the grant. */
  ends?: 'always' | 'beside another';
}

const LOGOUT: readonly Request[] = [
  { name: 'logout', send: (login) => login.revokeGrant(), ends: 'always' },
  { name: 'sign out everywhere', send: (login) => login.revokeUser(), ends: 'always' },
];
const REPLAY: Request = { name: 'replay of the code', send: (login) => login.redeem(THIEF), ends: 'always' };

/** All that can come for a grant, by how far it is. */
const REQUESTS: Readonly<Record<Scene['before'], readonly Request[]>> = {
  code: [
    { name: 'code of the owner', send: owner },
    { name: 'code of a thief', send: (login) => login.redeem(THIEF), ends: 'beside another' },
    ...LOGOUT,
  ],
  login: [
    { name: 'refresh', send: (login) => login.refresh(first(login), OWNER) },
    { name: 'revocation', send: (login) => login.revoke(first(login)), ends: 'always' },
    REPLAY,
    ...LOGOUT,
  ],
  refreshed: [
    { name: 'refresh', send: (login) => login.refresh(last(login), OWNER) },
    { name: 'refresh with the token before', send: (login) => login.refresh(first(login), THIEF) },
    { name: 'revocation', send: (login) => login.revoke(last(login)), ends: 'always' },
    { name: 'revocation of the token before', send: (login) => login.revoke(first(login)), ends: 'always' },
    REPLAY,
    ...LOGOUT,
  ],
};

export const BEFORE = Object.keys(REQUESTS) as readonly Scene['before'][];

/** Whether each scene of many is told: `npm run interleavings`. */
export const isTold = process.env.INTERLEAVINGS === 'told';

/** Every choice of so many, in which one may stand several times; the order of them does not matter. */
function choicesOf<T>(all: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return all.flatMap((one, index) => choicesOf(all.slice(index), count - 1).map((more) => [one, ...more]));
}

function endOf(before: Scene['before'], requests: readonly Request[]): Ends {
  if (requests.some(({ ends }) => ends === 'always')) return 'revoked';
  if (before !== 'code') return 'either';
  return requests.some((one) => one.ends && requests.some((other) => other !== one)) ? 'revoked' : 'lives';
}

/** Every scene of so many requests. */
export function allScenes(count: 2 | 3): Scene[] {
  return Object.entries(REQUESTS).flatMap(([name, all]) => {
    const before = name as Scene['before'];
    return choicesOf(all, count).map((requests): Scene => {
      const named = requests.map((request, index) => ({ ...request, actor: `${index + 1} ${request.name}` }));
      const alike = named.filter(({ name: own }) => named.filter((each) => each.name === own).length > 1);
      return {
        title: `${before}: ${requests.map((request) => request.name).join(', ')}`,
        before,
        actors: (login) => Object.fromEntries(named.map(({ actor, send }) => [actor, () => send(login)])),
        alike: alike.map(({ actor }) => actor),
        kinds: Object.fromEntries(named.map(({ actor, name: own }) => [actor, own])),
        ends: endOf(before, requests),
        ...(requests.every(({ name: own }) => own === 'refresh') && { endsWithLeeway: 'lives' }),
      };
    });
  });
}

export function findScene(title: string): Scene {
  const scene = [...PAIRS, ...TRIPLES, ...allScenes(2), ...allScenes(3)].find((each) => each.title === title);
  if (!scene) throw new Error(`there is no scene "${title}"`);
  return scene;
}
