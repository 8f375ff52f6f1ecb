import type { Scene } from './scenes';
import type { Outcome } from './states';

/** One answer of an actor. */
export interface Answer {
  grant: 'code' | 'refresh' | 'revoke';
  /** The refresh token that was sent. */
  token: string | undefined;
  status: number;
  error: string | undefined;
  /** The last step of the actor before it that could tell a revocation, counted in its own steps. */
  decidedAt: number;
}

export interface End {
  isRevoked: boolean;
  /** How many of all tokens of the grant are good for a refresh, one after another. */
  usable: number;
}

/**
 * What must hold in every order: nothing but tokens and `invalid_grant` is answered; a code brings tokens at most once, and
 * without a leeway a refresh token as well; nobody who takes a step that decides after a revocation gets tokens; once it is
 * revoked no token of the grant lives, not even one that was on its way; until then exactly one family lives, and can be
 * used once. With a leeway, everybody gets tokens who comes at once with the same live token.
 */
export function judge(scene: Scene, leeway: number, { results, end, atRevocation }: Outcome<Answer[], End>): string[] {
  const wrong: string[] = [];
  const answers = Object.entries(results).flatMap(([actor, own]) => own.map((answer) => ({ actor, ...answer })));
  for (const { grant, status, error } of answers) {
    const isRefusal = status === 400 && error === 'invalid_grant';
    if (status !== 200 && !isRefusal) wrong.push(`${grant} was answered with ${status}`);
  }
  const issued = answers.filter(({ status, grant }) => status === 200 && grant !== 'revoke');
  if (issued.filter(({ grant }) => grant === 'code').length > 1) wrong.push('a code brought tokens twice');
  const tokens = issued.flatMap(({ token }) => token ?? []);
  if (leeway === 0 && new Set(tokens).size < tokens.length) wrong.push('a refresh token brought tokens twice');
  for (const { actor, decidedAt } of issued) {
    const late = atRevocation && decidedAt > (atRevocation[actor] ?? 0);
    if (late) wrong.push(`${actor} got tokens after the revocation`);
  }
  const isRevoked = atRevocation !== undefined;
  if (isRevoked !== end.isRevoked) wrong.push('the grant is not what the last step made it');
  if (isRevoked && end.usable > 0) wrong.push('a token lives after the revocation');
  if (!isRevoked && end.usable !== 1) wrong.push(`${end.usable} families live`);
  const forgives = leeway > 0 && scene.endsWithLeeway === 'lives';
  if (forgives && issued.length < answers.length) wrong.push('a tab got no tokens');
  const ends = forgives ? 'lives' : scene.ends;
  if (ends !== 'either' && isRevoked !== (ends === 'revoked')) wrong.push('the scene ends the wrong way');
  return wrong;
}

/** An outcome in short. */
export function describeOutcome({ results, atRevocation }: Outcome<Answer[], End>): string {
  const answers = Object.entries(results).map(([actor, own]) => `${actor}: ${own.map(({ status }) => status)}`);
  return `${answers.join('; ')}; ${atRevocation ? 'revoked' : 'lives'}`;
}
