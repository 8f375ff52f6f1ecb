import type { TokenEndpointHost } from '../suite-host';
import type { Answer, Rule } from '../suite-stage';
import { claimsOf, expectAlive, isActive, replayCode, signInTo, tokenOf } from './logins';
import { refusalsOf, roundsOf } from './rounds';
import { INVALID_GRANT, ownGrant, SPENDS_NOTHING, section } from './section';

export function codes({ otherClient, resources, refresh, revokes }: TokenEndpointHost): Rule[] {
  const rule = section('codes');
  const lacksRevocation = !revokes && !refresh && 'without refresh, and without revokes and isActive';
  const atomic =
    'let consumeCode decide in one atomic step, such as UPDATE … WHERE spent_at IS NULL: no reading before writing.';
  return [
    rule('issues tokens once for ten requests at once', atomic, async (stage) => {
      for (let round = 0; round < roundsOf(stage.host); round += 1) {
        const login = await stage.login();
        const { issued, refused } = await stage.atOnce(10, (endpoint) => endpoint.redeem(login));
        stage.check(
          issued.length === 1,
          `${issued.length} of 10 requests were issued tokens for one code.`,
          (issued[1] ?? refused[0]) as Answer,
        );
        for (const response of refused) stage.expectRefusal(response, ...refusalsOf(stage.host));
      }
    }),
    rule('refuses a code that was redeemed', atomic, async (stage) => {
      const login = await stage.login();
      stage.expectTokens(await stage.endpoint.redeem(login), stage.granted());
      stage.expectRefusal(await stage.endpoint.redeem(login), INVALID_GRANT);
    }),
    rule(
      'revokes the tokens when a code is replayed from another address',
      'pass revokeTokens, and let it revoke the whole grant of the code, access tokens and refresh tokens; find spent codes for as long as their tokens live.',
      async (stage) => {
        const { issued, replay } = await replayCode(stage);
        if (revokes) {
          stage.check(
            (await isActive(stage, issued)) === false,
            'The access token is still active after its code was replayed.',
            replay,
          );
        }
        if (refresh) {
          const refreshed = await stage.endpoint.refresh({ refreshToken: tokenOf(issued) });
          stage.check(
            refreshed.status !== 200,
            'The refresh token still brings tokens after its code was replayed.',
            refreshed,
          );
          stage.expectRefusal(refreshed, INVALID_GRANT);
        }
      },
      lacksRevocation,
    ),
    rule(
      'ends no other login when a code is replayed from another address',
      ownGrant,
      async (stage) => {
        const other = await signInTo(stage);
        await replayCode(stage);
        await expectAlive(stage, other);
      },
      lacksRevocation,
    ),
    rule(
      'issues other tokens for each login',
      'let issueTokens make each token anew: a random jti, a random refresh token, nothing from a cache.',
      async (stage) => {
        const [one, other] = [await signInTo(stage), await signInTo(stage)];
        const jtiOf = ({ body }: Answer) => claimsOf(body.access_token).jti;
        for (const [what, first, second] of [
          ['access token', one.body.access_token, other.body.access_token],
          ['refresh token', one.body.refresh_token, other.body.refresh_token],
          ['jti of the access token', jtiOf(one), jtiOf(other)],
        ]) {
          stage.check(first === undefined || first !== second, `Two logins were issued the same ${what}.`, other);
        }
      },
    ),
    rule('refuses an expired code', 'return expiresAt as it was saved, a Date.', async (stage) => {
      const login = await stage.login({ expiresAt: new Date(Date.now() - 1000) });
      stage.expectRefusal(await stage.endpoint.redeem(login), INVALID_GRANT);
    }),
    rule(
      'refuses a code whose login had no PKCE',
      'return codeChallenge and codeChallengeMethod as they were saved: PKCE is not optional.',
      async (stage) => {
        for (const different of [
          { codeChallenge: null, codeChallengeMethod: null },
          { codeChallengeMethod: 'plain' },
        ]) {
          const login = await stage.login(different).catch(() => undefined);
          if (login) stage.expectRefusal(await stage.endpoint.redeem(login), INVALID_GRANT);
        }
      },
    ),
    rule(
      'refuses the code of another client, and leaves it to its owner',
      'return clientId as it was saved.',
      async (stage) => {
        const login = await stage.login();
        const stranger = stage.open({ client: otherClient });
        stage.expectRefusal(await stranger.redeem(login), INVALID_GRANT);
        stage.expectTokens(await stage.endpoint.redeem(login), stage.granted(), SPENDS_NOTHING);
      },
      !otherClient && 'without otherClient',
    ),
    rule(
      'refuses a resource that was not granted',
      'return resources as they were saved: a list, which a lost column is not.',
      async (stage) => {
        const login = await stage.login();
        const resource = 'https://nobody-granted.example/';
        stage.expectRefusal(await stage.endpoint.redeem({ ...login, resource }), ['invalid_target', 400]);
      },
      !resources && 'without resources',
    ),
    rule(
      'names the one resource that was asked for, of several that were granted',
      'write exchange.resources into the access token as aud, not the resources of the record.',
      async (stage) => {
        for (const resource of Object(resources) as string[]) {
          const response = await stage.endpoint.redeem({ ...(await stage.login()), resource });
          stage.expectTokens(response, stage.granted({ resources: [resource] }));
        }
      },
      !(Number(resources?.length) > 1) && 'without two resources',
    ),
  ];
}
