import { describeValue } from '../../received';
import { badRequests } from '../bad-requests';
import type { TokenEndpointHost } from '../suite-host';
import { MOUNT_FIRST, type Rule } from '../suite-stage';
import { claimsOf } from './logins';
import { LOGIN_FIRST, section } from './section';

export function mounting({ parsers, accessToken, scope = 'openid' }: TokenEndpointHost): Rule[] {
  const rule = section('mounting');
  return [
    rule('issues tokens for a good code', LOGIN_FIRST, async (stage) => {
      stage.expectTokens(await stage.endpoint.redeem(await stage.login()), stage.granted());
    }),
    rule(
      'names the same issuer, whatever X-Forwarded-Host says',
      'write your issuer identifier into tokens as a constant, not from req.hostname, Host or X-Forwarded-Host.',
      async (stage) => {
        const plain = await stage.endpoint.redeem(await stage.login());
        stage.expectTokens(plain, stage.granted(), LOGIN_FIRST);
        for (const [name, value] of [
          ['X-Forwarded-Host', 'evil.example'],
          ['Forwarded', 'host=evil.example;proto=https'],
        ] as const) {
          const response = await stage.endpoint.redeem({ ...(await stage.login()), headers: { [name]: value } });
          // An app may refuse another host: then nobody is misled.
          if (response.status !== 200) continue;
          for (const token of ['access_token', 'id_token']) {
            const [wanted, issuer] = [plain, response].map(({ body }) => claimsOf(body[token]).iss);
            stage.check(
              issuer === wanted,
              `${token}: iss is ${describeValue(issuer)} if ${name} says evil.example, and ${describeValue(wanted)} without it.`,
              response,
            );
          }
        }
      },
      accessToken === 'opaque' && !scope.split(' ').includes('openid') && 'no token shows its issuer',
    ),
    rule('accepts JSON as well as a form', MOUNT_FIRST, async (stage) => {
      const login = await stage.login();
      const response = await stage.endpoint.redeem({
        ...login,
        change: ({ parameters, headers, ...request }) => ({
          ...request,
          parameters,
          headers: { ...headers, 'Content-Type': 'application/json' },
          body: JSON.stringify(Object.fromEntries(parameters)),
        }),
      });
      stage.expectTokens(response, stage.granted());
    }),
    rule('answers other methods than POST with 405', MOUNT_FIRST, async (stage) => {
      const response = await stage.send({ method: 'GET' });
      stage.expectRefusal(response, ['invalid_request', 405]);
      stage.check(response.headers.allow === 'POST', `Allow must be POST, and is ${response.headers.allow}.`, response);
    }),
    ...badRequests()
      .filter(({ name }) => !badRequests({ parsers: true }).some((other) => other.name === name))
      .map(({ name, change, status, error }) =>
        rule(
          `answers in JSON: ${name}`,
          `${MOUNT_FIRST} Or answer for your parsers: an error handler that sends { error: 'invalid_request' }.`,
          async (stage) => {
            const response = await stage.endpoint.redeem({ ...(await stage.login()), change });
            // A body that a parser of the host has read within its own limits is served.
            if (parsers && response.status === 200) return;
            stage.expectRefusal(response, [error, parsers ? response.status : status]);
          },
        ),
      ),
  ];
}
