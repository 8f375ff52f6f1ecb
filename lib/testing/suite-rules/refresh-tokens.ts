import type { TokenEndpointHost } from '../suite-host';
import type { Answer, Rule } from '../suite-stage';
import { expectAlive, isActive, isKept, refreshOnce, renew, renewed, signIn, signInTo, tokenOf } from './logins';
import { refusalsOf, roundsOf } from './rounds';
import { INVALID_GRANT, ownGrant, SPENDS_NOTHING, section } from './section';

export function refreshTokens(host: TokenEndpointHost): Rule[] {
  const { refresh, otherClient, revokes } = host;
  const rule = section('refresh-tokens');
  const lacks = !refresh && 'without refresh';
  const stays = isKept(host) && 'refresh tokens stay';
  const repeats = refresh === 'leeway' && 'a spent refresh token may come again';
  const spend = 'spend refresh tokens in one atomic step, and pass refresh.revokeTokens, which revokes the family.';
  return [
    rule(
      'issues a refresh token for offline_access, and none without',
      'issue one if and only if the granted scope has offline_access.',
      async (stage) => {
        await signIn(stage, stage.endpoint, stage.todo);
        stage.expectTokens(await stage.endpoint.redeem(await stage.login()), stage.granted({ refreshToken: false }));
      },
      lacks,
    ),
    rule(
      'issues a new refresh token for one that is used',
      'issue a new refresh token where exchange.isRotated, and spend the old one in consumeRefreshToken (RFC 9700 §4.14.2).',
      async (stage) => {
        const first = await signIn(stage);
        const response = await stage.endpoint.refresh({ refreshToken: first });
        stage.expectTokens(response, renewed(stage));
        stage.check(
          response.body.refresh_token !== first,
          'The refresh token was not rotated: the answer has the one that was sent.',
          response,
        );
      },
      lacks,
      stays,
    ),
    rule(
      'spends a refresh token once for ten requests at once',
      'let consumeRefreshToken decide in one atomic step, such as UPDATE … WHERE spent_at IS NULL: no reading before writing.',
      async (stage) => {
        for (let round = 0; round < roundsOf(stage.host); round += 1) {
          const refreshToken = await signIn(stage);
          const { issued, refused } = await stage.atOnce(10, (endpoint) => endpoint.refresh({ refreshToken }));
          // Others may be issued tokens by a leeway: the router knows of them that the token was spent.
          const spent = issued.filter(({ outcome }) => outcome?.reason === 'refresh_token_redeemed');
          stage.check(
            spent.length <= 1,
            `${spent.length} of 10 requests have spent the same refresh token: each has a chain of its own.`,
            spent[1] as Answer,
          );
          for (const response of refused) stage.expectRefusal(response, ...refusalsOf(stage.host));
        }
      },
      lacks,
      stays,
    ),
    rule(
      'ends the login of a refresh token that is used again',
      `${spend} It ends access tokens and refresh tokens.`,
      async (stage) => {
        const first = await signInTo(stage);
        const second = await renew(stage, tokenOf(first));
        const third = await renew(stage, tokenOf(second));
        if (revokes) {
          const problem = 'The access token must be active before the reuse.';
          stage.check((await isActive(stage, third)) === true, problem, third);
        }
        const reuse = await stage.endpoint.refresh({ refreshToken: tokenOf(first) });
        stage.expectRefusal(reuse, INVALID_GRANT);
        stage.expectRefusal(await stage.endpoint.refresh({ refreshToken: tokenOf(third) }), INVALID_GRANT);
        for (const answer of revokes ? [first, second, third] : []) {
          const problem = 'An access token is still active after a refresh token of its login was used again.';
          stage.check((await isActive(stage, answer)) === false, problem, reuse);
        }
      },
      lacks,
      stays,
      repeats,
    ),
    rule(
      'ends no other login when a refresh token is used again',
      ownGrant,
      async (stage) => {
        const other = await signInTo(stage);
        const first = await signIn(stage);
        await refreshOnce(stage, await refreshOnce(stage, first));
        stage.expectRefusal(await stage.endpoint.refresh({ refreshToken: first }), INVALID_GRANT);
        await expectAlive(stage, other);
      },
      lacks,
      stays,
      repeats,
    ),
    ...(refresh && stays
      ? [
          rule(
            'keeps a refresh token that stays, and issues none beside it',
            'return no refresh_token where exchange.isRotated is false, and let refresh.rotates return false for this client.',
            async (stage) => {
              const endpoint = host.dpop ? stage.open({ prover: stage.prover }) : stage.endpoint;
              const refreshToken = await signIn(stage, endpoint);
              const jkt = host.dpop ? stage.prover.jkt : null;
              for (const _use of [1, 2]) {
                const response = await endpoint.refresh({ refreshToken });
                stage.expectTokens(response, renewed(stage, { jkt, refreshToken: false }));
              }
            },
          ),
        ]
      : []),
    rule(
      'narrows the scope of an access token, and keeps the grant',
      'issue the access token for exchange.scope, and save the refresh token with the whole scope (RFC 6749 §6).',
      async (stage) => {
        const refreshToken = await signIn(stage);
        const [narrow] = String(stage.granted().scope).split(' ');
        const narrowed = await stage.endpoint.refresh({ refreshToken, scope: narrow });
        stage.expectTokens(narrowed, renewed(stage, { scope: narrow }));
        // Of tokens that stay, those without DPoP may be rotated all the same.
        const next = narrowed.body.refresh_token ?? refreshToken;
        stage.expectTokens(await stage.endpoint.refresh({ refreshToken: next }), renewed(stage));
      },
      lacks,
    ),
    rule(
      'refuses the refresh token of another client, and leaves it to its owner',
      'return clientId as it was saved.',
      async (stage) => {
        const refreshToken = await signIn(stage);
        const stranger = stage.open({ client: otherClient });
        stage.expectRefusal(await stranger.refresh({ refreshToken }), INVALID_GRANT);
        stage.expectTokens(await stage.endpoint.refresh({ refreshToken }), renewed(stage), SPENDS_NOTHING);
      },
      lacks,
      !otherClient && 'without otherClient',
    ),
  ];
}
