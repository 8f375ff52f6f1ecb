import { allowsField, exposesField, isOpenTo } from '../cors';
import { nearOrigins } from '../near-origins';
import type { TokenEndpointHost } from '../suite-host';
import type { Rule, Stage } from '../suite-stage';
import { section } from './section';

export function browsers({ origins = [], dpop: takes }: TokenEndpointHost): Rule[] {
  const rule = section('browsers');
  const todo = 'list the origin in allowedOrigins, and let no cors() of yours answer before the router.';
  const fields = ['content-type', 'authorization', ...(takes ? ['dpop'] : [])];
  return [
    ...origins.flatMap((origin) => [
      rule(`lets pages of ${origin} ask`, todo, async (stage) => {
        const headers = {
          Origin: origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': fields.join(','),
        };
        const response = await stage.send({ method: 'OPTIONS', headers });
        const isAllowed = isOpenTo(response, origin) && response.status < 300;
        stage.check(isAllowed, `The preflight of ${origin} is not allowed.`, response);
        const missing = fields.filter((field) => !allowsField(response, origin, field));
        stage.check(missing.length === 0, `The preflight does not allow ${missing.join(', ')}.`, response);
      }),
      rule(`lets pages of ${origin} read answers and refusals`, todo, async (stage) => {
        const headers = { Origin: origin };
        const login = await stage.login();
        for (const response of [
          await stage.endpoint.redeem({ ...login, headers, code: 'unknown' }),
          await stage.endpoint.redeem({ ...login, headers }),
        ]) {
          stage.check(isOpenTo(response, origin), `A page of ${origin} cannot read the answer.`, response);
          const isExposed = !takes || exposesField(response, origin, 'dpop-nonce');
          stage.check(
            isExposed,
            'DPoP-Nonce is not exposed: a DPoP login in a browser ends at the first nonce.',
            response,
          );
        }
      }),
    ]),
    rule(
      'does not let pages of other origins read answers',
      'do not reflect every origin: list yours in allowedOrigins.',
      async (stage) => {
        await expectClosed(stage, 'https://attacker.example', 'every origin');
        if (!origins.includes('null'))
          await expectClosed(stage, 'null', 'null, as a sandboxed frame of anybody has it,');
      },
    ),
    ...origins
      .map((origin) => [origin, nearOrigins(origin).filter((near) => !origins.includes(near.origin))] as const)
      .filter(([, near]) => near.length > 0)
      .map(([origin, near]) =>
        rule(
          `does not let pages read answers whose origin looks like ${origin}`,
          'compare the whole origin with ===, as a list in allowedOrigins does. If pages of that origin may ask, add it to origins.',
          async (stage) => {
            for (const { origin: other, mistake } of near) await expectClosed(stage, other, `${other} (${mistake})`);
          },
        ),
      ),
  ];
}

/** Fails if pages of this origin can read a preflight or an answer. */
async function expectClosed(stage: Stage, Origin: string, what: string): Promise<void> {
  const headers = { Origin, 'Access-Control-Request-Method': 'POST' };
  const preflight = await stage.send({ method: 'OPTIONS', headers });
  stage.check(!isOpenTo(preflight, Origin), `The preflight of ${what} is allowed.`, preflight);
  const answer = await stage.endpoint.redeem({ ...(await stage.login()), headers: { Origin } });
  stage.check(!isOpenTo(answer, Origin), `A page of ${what} can read the answer.`, answer);
}
