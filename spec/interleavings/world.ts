import { randomBytes } from 'node:crypto';
import express, { type Express } from 'express';
import { createTokenRouter } from '../../lib';
import { createRevocationRouter } from '../../lib/endpoints';
import type { memoryStore } from '../../lib/stores/memory';
import { createTokenIssuer } from '../../lib/tokens';
import { CODE_VERIFIER, REDIRECT_URI } from '../support/endpoint';
import { type InjectedAnswer, inject } from '../support/inject';
import { goodApi, goodOptions, type HostCode, hostCode } from '../support/issuer';
import type { Actor, Exploration, Gate, Play } from './scheduler';
import { explore } from './scheduler';

export type HostStore = ReturnType<typeof memoryStore<HostCode>>;

/** A store whose steps wait at the gate, and how they are called that end a grant. */
export interface GatedStore {
  store: HostStore;
  isRevocation: (name: string) => boolean;
  /** Whether a step of a request can still tell that its grant has ended. Without it, each can. */
  decides?: (name: string) => boolean;
}

const OWNER = '198.51.100.1';
const THIEF = '203.0.113.2';

interface Sent {
  actor: string;
  grant: 'code' | 'refresh' | 'revoke';
  answer: InjectedAnswer;
  /** How many steps had been taken when the answer came. */
  steps: number;
}

/** A login, and what can be done with it. */
interface Login {
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

export interface Scene {
  title: string;
  /** How often the code is redeemed, and its token refreshed, before the actors come. */
  before: 'code' | 'login' | 'refreshed';
  actors: (login: Login) => Record<string, Actor>;
  /** Actors that do the same. */
  alike?: readonly string[];
  /** What must hold besides the invariants. */
  ends: 'lives' | 'revoked' | 'either';
}

const owner = (login: Login) => login.redeem(OWNER);
const first = ({ tokens }: Login) => tokens[0];
const last = ({ tokens }: Login) => tokens.at(-1);

/** Two requests. Each scene is played in every order of its steps. */
export const PAIRS: readonly Scene[] = [
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

/** The ready store and issuer behind the token endpoint and the revocation endpoint, as a host mounts them. */
function createApp(store: HostStore): Express {
  // Opaque access tokens, for signatures would be most of what an order costs.
  const apis = [{ ...goodApi(), accessToken: 'opaque' as const }];
  const options = { ...goodOptions(), saveRefreshToken: undefined, saveAccessToken: async () => {}, apis, store };
  const { issueTokens } = createTokenIssuer(options);
  const onOutcome = (outcome: { fault?: unknown }) => void outcome.fault;
  const { findRefreshToken, revokeGrant } = store;
  return express()
    .set('trust proxy', true)
    .use(createTokenRouter({ ...store.adapters, issueTokens, rateLimit: false, onOutcome }))
    .use(createRevocationRouter({ findRefreshToken, revokeGrant, rateLimit: false, onOutcome } as never));
}

/**
 * Plays a scene in every order. Of each order holds: nothing but tokens and `invalid_grant` is answered; a code brings tokens
 * at most once; nobody who takes a step that decides after a revocation gets tokens; once it is revoked no token of the grant lives, not
 * even one that was on its way; until then exactly one family lives, and can be used once.
 */
export async function playScene(
  gate: Gate,
  { store, isRevocation, decides = () => true }: GatedStore,
  scene: Scene,
  { isReduced = false, ...different }: { isReduced?: boolean; stopsAtViolation?: boolean } = {},
): Promise<Exploration & { ends: Record<string, number> }> {
  const saved: string[] = [];
  const watched = {
    ...store,
    saveRefreshToken(token: string, ...more: [never]) {
      saved.push(token);
      return store.saveRefreshToken(token, ...more);
    },
  } as HostStore;
  const app = createApp(watched);
  const ends: Record<string, number> = {};
  let users = 0;

  const prepare = async () => {
    users += 1;
    const userId = `user ${randomBytes(8).toString('hex')} ${users}`;
    const code = randomBytes(32).toString('base64url');
    const record = hostCode({ userId, scope: 'read:notes offline_access' });
    const { grantId } = await store.saveCode(code, record);
    const sent: Sent[] = [];
    const send = async (grant: Sent['grant'], form: Record<string, string>, address: string) => {
      const path = grant === 'revoke' ? '/oauth/revoke' : '/oauth/token';
      const answer = await inject(
        app,
        { client_id: 'spa', ...form },
        { path, headers: { 'x-forwarded-for': address } },
      );
      sent.push({ actor: gate.actor(), grant, answer, steps: gate.steps() });
      return answer;
    };
    const refresh = (token: string | undefined, address: string) =>
      send('refresh', { grant_type: 'refresh_token', refresh_token: String(token) }, address);
    const given = { code, code_verifier: CODE_VERIFIER, redirect_uri: REDIRECT_URI };
    const login: Login = {
      code,
      tokens: [],
      redeem: (address) => send('code', { grant_type: 'authorization_code', ...given }, address),
      refresh,
      revoke: (token) => send('revoke', { token: String(token) }, OWNER),
      revokeGrant: () => store.revokeGrant(grantId),
      revokeUser: () => store.revokeUser(userId),
    };
    if (scene.before !== 'code') login.tokens.push(String((await login.redeem(OWNER)).body.refresh_token));
    if (scene.before === 'refreshed')
      login.tokens.push(String((await refresh(first(login), OWNER)).body.refresh_token));
    sent.length = 0;
    saved.length = 0;
    saved.push(...login.tokens);

    const check = async ({ steps }: Play): Promise<string[]> => {
      const wrong: string[] = [];
      const revokedAt = steps.findIndex(({ name }) => isRevocation(name));
      const isRevoked = revokedAt >= 0;
      const issued = sent.filter(({ answer, grant }) => answer.status === 200 && grant !== 'revoke');
      for (const { answer, grant } of sent) {
        const isRefusal = answer.status === 400 && answer.body.error === 'invalid_grant';
        if (answer.status !== 200 && !isRefusal) wrong.push(`${grant} was answered with ${answer.status}`);
      }
      if (issued.filter(({ grant }) => grant === 'code').length > 1) wrong.push('a code brought tokens twice');
      for (const { actor, steps: taken } of issued) {
        const lastStep = steps.slice(0, taken).findLastIndex((step) => step.actor === actor && decides(step.name));
        if (isRevoked && lastStep > revokedAt) wrong.push(`${actor} got tokens after the revocation`);
      }
      const lives = await Promise.all(
        saved.map(async (token) => {
          const found = await store.findRefreshToken(token);
          return found !== null && (await store.consumeRefreshToken(found));
        }),
      );
      const usable = lives.filter(Boolean).length;
      if (isRevoked !== (await store.isRevoked(grantId))) wrong.push('the grant is not what the last step made it');
      if (isRevoked && usable > 0) wrong.push('a token lives after the revocation');
      if (!isRevoked && usable !== 1) wrong.push(`${usable} families live`);
      if (scene.ends !== 'either' && isRevoked !== (scene.ends === 'revoked'))
        wrong.push('the scene ends the wrong way');
      const end = `${issued.length} issued, ${isRevoked ? 'revoked' : 'lives'}`;
      ends[end] = (ends[end] ?? 0) + 1;
      return wrong;
    };
    return { actors: scene.actors(login), check };
  };
  const reduced = isReduced ? { swapsReads: true, alike: scene.alike ?? [] } : {};
  const found = await explore(gate, { prepare, ...reduced, ...different });
  return { ...found, ends };
}
