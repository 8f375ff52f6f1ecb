import { createRefreshToken } from '../../../lib/testing';
import type { Answer } from './model';
import { type Actor, actorOf, type Step, WAITS } from './scenes';

export interface FoundToken {
  grantId: string;
  tokenId: string;
  expiresAt: Date;
  isRepeatable: boolean;
  repeatedAs: 'at_once' | 'late' | 'sibling' | null;
}

/** What a scene needs of a store, and a way to let time pass for one grant. */
export interface Stage {
  saveRefreshToken(refreshToken: string, record: never): Promise<unknown>;
  findRefreshToken(refreshToken: string): Promise<FoundToken | null>;
  consumeRefreshToken(found: FoundToken): Promise<boolean>;
  extendRefreshToken(found: FoundToken, expiresAt: Date): Promise<unknown>;
  revokeTokens(found: FoundToken): Promise<unknown>;
  wait(milliseconds: number, grantId: string): Promise<unknown> | unknown;
}

const recordOf = (grantId: string, tokenId?: string) => {
  const grantExpiresAt = new Date(Date.now() + 365 * 86_400_000);
  return {
    clientId: 'spa',
    scope: 'offline_access',
    dpopJkt: null,
    grantId,
    grantExpiresAt,
    expiresAt: grantExpiresAt,
    ...(tokenId !== undefined && { tokenId }),
  } as never;
};

/** Presents a token as the endpoint does: look, spend, look again where it was spent, issue or revoke. */
export async function present(stage: Stage, refreshToken: string): Promise<{ answer: Answer; next?: string }> {
  const found = await stage.findRefreshToken(refreshToken);
  if (!found) return { answer: 'unknown' };
  let answer: Answer = 'redeemed';
  if (!(await stage.consumeRefreshToken(found))) {
    const again = await stage.findRefreshToken(refreshToken);
    if (!again?.isRepeatable || !again.repeatedAs) {
      await stage.revokeTokens(found);
      return { answer: 'reused' };
    }
    answer = again.repeatedAs;
  }
  const next = createRefreshToken();
  try {
    await stage.saveRefreshToken(next, recordOf(found.grantId, found.tokenId));
  } catch (thrown) {
    if ((thrown as { reason?: unknown }).reason !== 'refresh_token_repeated_too_often') throw thrown;
    return { answer: 'refused' };
  }
  return { answer, next };
}

export async function login(stage: Stage, grantId: string): Promise<string> {
  const first = createRefreshToken();
  await stage.saveRefreshToken(first, recordOf(grantId));
  return first;
}

/** Plays a scene on a store; what each step was answered. */
export async function playOn(stage: Stage, steps: readonly Step[], grantId: string): Promise<(Answer | undefined)[]> {
  const first = await login(stage, grantId);
  const held: Record<Actor, string> = { owner: first, tab: first, thief: first };
  const answers: (Answer | undefined)[] = [];
  for (const step of steps) {
    const actor = actorOf(step);
    if (!actor) {
      await stage.wait(WAITS[step] as number, grantId);
      answers.push(undefined);
      continue;
    }
    const { answer, next } = await present(stage, held[actor]);
    answers.push(answer);
    if (next !== undefined && step !== 'owner, answer lost') held[actor] = next;
  }
  return answers;
}
