import { badRequests } from '../bad-requests';
import type { TokenEndpointHost } from '../suite-host';
import type { Rule } from '../suite-stage';
import { renewed, signIn } from './logins';
import { type Advice, SPENDS_NOTHING, section } from './section';

export function requests({ refresh }: TokenEndpointHost): Rule[] {
  const rule = section('requests-that-must-be-refused');
  const todo: Advice = {
    todo: 'let adapters, and what runs before the router, refuse nothing that the router decides.',
    accepted:
      'return each field of the record as it was saved: a column that is lost switches its check off. And let nothing before the router change the parameters.',
  };
  return [
    ...badRequests({ parsers: true }).map(({ name, change, status, error }) =>
      rule(`refuses, and spends nothing: ${name}`, todo, async (stage) => {
        const login = await stage.login();
        stage.expectRefusal(await stage.endpoint.redeem({ ...login, change }), [error, status]);
        stage.expectTokens(await stage.endpoint.redeem(login), stage.granted(), SPENDS_NOTHING);
      }),
    ),
    ...badRequests({ grantType: 'refresh_token', parsers: true })
      .filter(({ name }) => /refresh|scope/.test(name))
      .map(({ name, change, status, error }) =>
        rule(
          `refuses, and spends nothing: ${name}`,
          todo,
          async (stage) => {
            const refreshToken = await signIn(stage);
            stage.expectRefusal(await stage.endpoint.refresh({ refreshToken, change }), [error, status]);
            stage.expectTokens(await stage.endpoint.refresh({ refreshToken }), renewed(stage), SPENDS_NOTHING);
          },
          !refresh && 'without refresh',
        ),
      ),
  ];
}
