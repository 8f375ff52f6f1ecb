import { setTimeout } from 'node:timers';
import { parseJws } from '../../jws/compact';
import type { TokenEndpointHost } from '../suite-host';
import { isActiveOf } from '../suite-mistakes';
import { type Answer, forwardedFor, type Stage } from '../suite-stage';
import type { TestClient } from '../test-client';
import { INVALID_GRANT, LOGIN_FIRST, OFFLINE_FIRST } from './section';

// Captured, because tests of the host may fake timers.
const startTimer = setTimeout;

/** Signs in, with offline_access if there are refresh tokens. */
export const signInTo = async (stage: Stage): Promise<Answer> => (await redeemLogin(stage)).issued;

async function redeemLogin(stage: Stage) {
  const { refresh } = stage.host;
  const login = await stage.login(refresh ? { scope: offlineScope(stage) } : {});
  const issued = await stage.endpoint.redeem(login);
  stage.expectTokens(issued, refresh ? offline(stage) : stage.granted(), refresh ? OFFLINE_FIRST : LOGIN_FIRST);
  return { login, issued };
}

export const tokenOf = ({ body }: Answer) => String(body.refresh_token);
export const isActive = async ({ bench }: Stage, { body }: Answer) => isActiveOf(bench)(String(body.access_token));

/** Redeems a code, and sends it again from another address. */
export async function replayCode(stage: Stage): Promise<{ issued: Answer; replay: Answer }> {
  const { proxies = 0, revokes } = stage.host;
  const { login, issued } = await redeemLogin(stage);
  if (revokes) {
    stage.check((await isActive(stage, issued)) === true, 'The access token must be active before the replay.', issued);
  }
  // Wait, because two requests of one address within 2 s count as a double click.
  if (proxies === 0) await new Promise((resolve) => startTimer(resolve, 2100));
  const replay = await stage.endpoint.redeem({ ...login, headers: forwardedFor('2001:db8:ffff::1', proxies) });
  stage.expectRefusal(replay, INVALID_GRANT);
  return { issued, replay };
}

/** Fails unless a login goes on, and the user can sign in again. */
export async function expectAlive(stage: Stage, other: Answer): Promise<void> {
  const { refresh, revokes } = stage.host;
  if (revokes) {
    const problem = 'The access token of another login is not active any more.';
    stage.check((await isActive(stage, other)) === true, problem, other);
  }
  if (refresh) stage.expectTokens(await stage.endpoint.refresh({ refreshToken: tokenOf(other) }), renewed(stage));
  stage.expectTokens(await stage.endpoint.redeem(await stage.login()), stage.granted());
}

export const secretOf = (client: TestClient | undefined) => client?.clientSecret;
export const keyOf = (client: TestClient | undefined) => Object(client).privateKey;

/** The expected tokens of a login with offline_access. */
const offline = (stage: Stage, different = {}) =>
  stage.granted({ scope: offlineScope(stage), refreshToken: true, ...different });
const offlineScope = (stage: Stage) => `${stage.granted().scope} offline_access`;

/** The expected tokens of a refresh. */
export const renewed = (stage: Stage, different = {}) =>
  offline(stage, { refreshToken: isKept(stage.host) ? undefined : true, idToken: 'optional', ...different });

/** Whether refresh tokens stay. Without a secret, a key or DPoP they must be rotated (RFC 9700 §4.14.2). */
export const isKept = ({ rotates, client, dpop: takes }: TokenEndpointHost) =>
  rotates === false && Boolean(takes || secretOf(client) || keyOf(client));

/** Signs in with offline_access. Returns the refresh token. */
export async function signIn(stage: Stage, endpoint = stage.endpoint, todo = OFFLINE_FIRST): Promise<string> {
  const response = await endpoint.redeem(await stage.login({ scope: offlineScope(stage) }));
  stage.expectTokens(response, offline(stage, { jkt: undefined }), todo);
  return tokenOf(response);
}

export async function renew(stage: Stage, refreshToken: string): Promise<Answer> {
  const response = await stage.endpoint.refresh({ refreshToken });
  stage.expectTokens(response, renewed(stage));
  return response;
}

export const refreshOnce = async (stage: Stage, refreshToken: string) => tokenOf(await renew(stage, refreshToken));

/** The claims of a JWT. Nothing is verified. */
export function claimsOf(token: unknown): Readonly<Record<string, unknown>> {
  try {
    return parseJws(String(token), 1_000_000).payload;
  } catch {
    return {};
  }
}
