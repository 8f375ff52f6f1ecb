import { randomBytes } from 'node:crypto';
import express, { type Express } from 'express';
import { createTokenRouter } from '../../lib';
import { createRevocationRouter } from '../../lib/endpoints';
import { digestOf } from '../../lib/stores/digest';
import { createTokenIssuer } from '../../lib/tokens';
import { CODE_VERIFIER, REDIRECT_URI } from '../support/endpoint';
import { type InjectedAnswer, inject } from '../support/inject';
import { goodApi, goodOptions, hostCode } from '../support/issuer';
import { createNames } from './describe';
import type { GatedStore, HostStore } from './gated-stores';
import { createKnowledge, type Knowledge } from './knowledge';
import { playOrders } from './orders';
import { first, isTold, type Login, OWNER, type Scene } from './scenes';
import { createGate, Diverged, type Gate, type Step } from './scheduler';
import { findRevocation, type Outcome, searchStates } from './states';
import { type Answer, describeOutcome, type End, judge } from './verdict';

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

/** More than that, and a store may no longer say that two requests came at once. */
const MAX_PLAY_MS = 1000;
const tooSlow = () => new Diverged('The machine was too slow for the server');

/** Makes worlds: in each, a new login on the same store, and the actors of a scene. */
function createWorlds(gate: Gate, { store, decides = () => true, contents }: GatedStore, scene: Scene) {
  let onSave = (_token: string) => {};
  const watched = {
    ...store,
    saveRefreshToken(token: string, ...more: [never]) {
      onSave(token);
      return store.saveRefreshToken(token, ...more);
    },
  } as HostStore;
  const app = createApp(watched);

  return async function prepare() {
    const { give, nameOf, describe } = createNames();
    const [userId, code] = [createSecret(), createSecret()];
    give(userId, 'the user');
    give(code, 'the grant');
    const { grantId } = await store.saveCode(code, hostCode({ userId, scope: 'read:notes offline_access' }));
    /** All tokens that the issuer has tried to save. */
    const tokens: string[] = [];
    onSave = (token) => {
      const isAnonymous = scene.kinds !== undefined && gate.actor() !== '';
      give(token, isAnonymous ? 'a new token' : `token ${countBy(gate.actor())} of ${gate.actor()}`);
      tokens.push(token);
    };
    const countBy = (actor: string) => tokens.filter((each) => nameOf(each)?.endsWith(` of ${actor}`)).length;

    const results: Record<string, Answer[]> = {};
    let isSlow = false;
    const send = async (grant: Answer['grant'], form: Record<string, string>, address: string) => {
      const path = grant === 'revoke' ? '/oauth/revoke' : '/oauth/token';
      const headers = { 'x-forwarded-for': address };
      const answer = await inject(app, { client_id: 'spa', ...form }, { path, headers });
      isSlow ||= answer.status === 503;
      const steps = gate.steps().filter(({ actor }) => actor === gate.actor());
      const decidedAt = steps.findLastIndex(({ name }) => decides(name)) + 1;
      const { status, body } = answer;
      results[gate.actor()]?.push({ grant, token: nameOf(form.refresh_token), status, error: body.error, decidedAt });
      return answer;
    };
    const given = { code, code_verifier: CODE_VERIFIER, redirect_uri: REDIRECT_URI };
    const login: Login = {
      code,
      tokens: [],
      redeem: (address) => send('code', { grant_type: 'authorization_code', ...given }, address),
      refresh: (token, address) =>
        send('refresh', { grant_type: 'refresh_token', refresh_token: String(token) }, address),
      revoke: (token) => send('revoke', { token: String(token) }, OWNER),
      revokeGrant: () => store.revokeGrant(grantId),
      revokeUser: () => store.revokeUser(userId),
    };
    const keep = ({ status, body }: InjectedAnswer) => {
      if (status === 503) throw tooSlow();
      login.tokens.push(String(body.refresh_token));
    };
    if (scene.before !== 'code') keep(await login.redeem(OWNER));
    if (scene.before === 'refreshed') keep(await login.refresh(first(login), OWNER));

    const startedAt = performance.now();
    const actors = scene.actors(login);
    for (const actor of Object.keys(actors)) results[actor] = [];
    const finish = async () => {
      if (isSlow || performance.now() - startedAt > MAX_PLAY_MS) throw tooSlow();
      let usable = 0;
      for (const token of tokens) {
        const found = await store.findRefreshToken(token);
        if (found && (await store.consumeRefreshToken(found))) usable += 1;
      }
      return { results, end: { isRevoked: await store.isRevoked(grantId), usable } };
    };
    const traces = { grant: digestOf(grantId), user: digestOf(userId) };
    const look = async () => {
      const held = await contents({ ...traces, tokens: tokens.map(digestOf) });
      return [describe(held.grant), held.tokens.map((token) => JSON.stringify(describe(token))).sort()];
    };
    const kindOf = (actor: string) => scene.kinds?.[actor] ?? actor;
    return { actors, kindOf, contents: look, describe, finish };
  };
}

const createSecret = () => randomBytes(32).toString('base64url');

/** Whatever came of a scene. */
function collect(scene: Scene, leeway: number) {
  const ends = new Set<string>();
  return {
    ends,
    judge(outcome: Outcome<Answer[], End>) {
      ends.add(describeOutcome(outcome));
      return judge(scene, leeway, outcome);
    },
  };
}

/** Plays every order of a scene by itself. */
export async function playScene(gate: Gate, gated: GatedStore, scene: Scene) {
  const { ends, judge } = collect(scene, gated.leeway);
  const makeWorld = createWorlds(gate, gated, scene);
  const prepare = async () => {
    const { actors, finish } = await makeWorld();
    const check = async (steps: readonly Step[]) =>
      judge({ ...(await finish()), atRevocation: findRevocation(steps, gated.isRevocation) });
    return { actors, check };
  };
  return { ...(await playOrders(gate, { prepare, alike: scene.alike ?? [] })), ends: [...ends].sort() };
}

interface Different {
  knowledge?: Knowledge;
  samples?: number;
}

/** Visits every state of a scene. */
export async function searchScene(gate: Gate, gated: GatedStore, scene: Scene, different: Different = {}) {
  const { ends, judge } = collect(scene, gated.leeway);
  const prepare = createWorlds(gate, gated, scene);
  const { isRevocation } = gated;
  const search = { prepare, isRevocation, judge, alike: scene.alike ?? [], ...different };
  return { ...(await searchStates(gate, search)), ends: [...ends].sort() };
}

/** So many orders of each scene are played as they were found, besides those that it took to find them. */
const SAMPLES = 4;

/** Searches scenes that begin alike one after another, and adds up what was found. `npm run interleavings` tells each. */
export async function searchScenes(name: string, scenes: readonly Scene[], createStore: (gate: Gate) => GatedStore) {
  const all = { orders: 0, states: 0, plays: 0, violations: [] as string[] };
  const gate = createGate();
  const gated = createStore(gate);
  const search = { knowledge: createKnowledge(), samples: SAMPLES };
  const begun = process.cpuUsage();
  for (const scene of scenes) {
    const since = process.cpuUsage();
    const { orders, states, plays, violations } = await searchScene(gate, gated, scene, search);
    all.orders += orders;
    all.states += states;
    all.plays += plays;
    all.violations.push(...violations.map((violation) => `${scene.title}: ${violation}`));
    if (isTold) tell(`${name}, leeway ${gated.leeway}, ${scene.title}`, { orders, states, plays, since });
  }
  if (isTold) tell(`${name}, leeway ${gated.leeway}, ${scenes.length} scenes`, { ...all, since: begun });
  return all;
}

/** Writes a line of progress; the seconds are those of this process's CPU time. */
function tell(what: string, { orders, states, plays, since }: Figures) {
  const { user, system } = process.cpuUsage(since);
  const seconds = ((user + system) / 1e6).toFixed(1);
  process.stdout.write(`${what}: ${orders} orders, ${states} states, ${plays} plays, ${seconds} s\n`);
}

interface Figures {
  orders: number;
  states: number;
  plays: number;
  since: NodeJS.CpuUsage;
}

/** What is wrong, without the order in which it came. */
export function kindsOf(violations: readonly string[]): string[] {
  return [...new Set(violations.map((violation) => violation.split(': ')[0] ?? ''))].sort();
}
