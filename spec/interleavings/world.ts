import { randomBytes } from 'node:crypto';
import express, { type Express } from 'express';
import { createTokenRouter } from '../../lib';
import { createRevocationRouter } from '../../lib/endpoints';
import type { memoryStore } from '../../lib/stores/memory';
import { createTokenIssuer } from '../../lib/tokens';
import { CODE_VERIFIER, REDIRECT_URI } from '../support/endpoint';
import { type InjectedAnswer, inject } from '../support/inject';
import { goodApi, goodOptions, type HostCode, hostCode } from '../support/issuer';
import { first, isWhole, type Login, OWNER, type Scene } from './scenes';
import type { Exploration, Gate, Play } from './scheduler';
import { createGate, Diverged, explore } from './scheduler';

export type HostStore = ReturnType<typeof memoryStore<HostCode>>;

/** A store whose steps wait at the gate, and how they are called that end a grant. */
export interface GatedStore {
  store: HostStore;
  isRevocation: (name: string) => boolean;
  /** Whether a step of a request can still tell that its grant has ended. Without it, each can. */
  decides?: (name: string) => boolean;
}

interface Sent {
  actor: string;
  grant: 'code' | 'refresh' | 'revoke';
  answer: InjectedAnswer;
  /** How many steps had been taken when the answer came. */
  steps: number;
}

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

/** How a scene is searched: each order by itself, without those that swap reads, or each state once. */
interface Search {
  isReduced?: boolean;
  isMerged?: boolean;
  stopsAtViolation?: boolean;
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
  { isReduced = false, isMerged = false, ...different }: Search = {},
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
    const keep = ({ status, body }: InjectedAnswer) => {
      if (status === 503) throw new Diverged('The machine was too slow for the server');
      login.tokens.push(String(body.refresh_token));
    };
    if (scene.before !== 'code') keep(await login.redeem(OWNER));
    if (scene.before === 'refreshed') keep(await refresh(first(login), OWNER));
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
    const isSlow = () => sent.some(({ answer }) => answer.status === 503);
    return { actors: scene.actors(login), isSlow, check };
  };
  const reduced = isReduced ? { swapsReads: true, alike: scene.alike ?? [] } : {};
  const merged = isMerged ? { merges: { isRevocation }, alike: scene.alike ?? [] } : {};
  const found = await explore(gate, { prepare, ...reduced, ...merged, ...different });
  return { ...found, ends };
}

/** Plays scenes one after another, each state once, and adds up what was found. The whole form tells it. */
export async function playScenes(name: string, scenes: readonly Scene[], createStore: (gate: Gate) => GatedStore) {
  const all = { orders: 0, states: 0, plays: 0, violations: [] as string[] };
  for (const scene of scenes) {
    const gate = createGate();
    const { orders, states, plays, violations } = await playScene(gate, createStore(gate), scene, { isMerged: true });
    all.orders += orders;
    all.states += states;
    all.plays += plays;
    all.violations.push(...violations.map((violation) => `${scene.title}: ${violation}`));
  }
  const { orders, states, plays } = all;
  if (isWhole) {
    const what = `${name}, ${scenes.length} scenes such as "${scenes[0]?.title}"`;
    process.stdout.write(`${what}: ${orders} orders, ${states} states, ${plays} plays\n`);
  }
  return all;
}
