import { badProofs } from '../bad-proofs';
import { createDpopProver } from '../dpop-prover';
import type { TokenEndpointHost } from '../suite-host';
import type { Rule, Stage } from '../suite-stage';
import { keyOf, renewed, secretOf, signIn } from './logins';
import { INVALID_GRANT, INVALID_PROOF, section } from './section';

export function dpop({ dpop: takes, tokenEndpoint, nonces, client, refresh }: TokenEndpointHost): Rule[] {
  const rule = section('dpop');
  const lacks = takes ? tokenEndpoint === undefined && 'without tokenEndpoint' : 'without dpop';
  const verify = 'give createTokenRouter verifyDpop of createDpopVerifier, and the tokenEndpoint that clients use.';
  const rows = lacks ? [] : badProofs(createDpopProver(), { tokenEndpoint: String(tokenEndpoint), nonces });
  const open = (stage: Stage) => stage.open({ prover: stage.prover });
  return [
    rule(
      'binds tokens to the key of the proof',
      `${verify} Write exchange.confirmation into the token as cnf.`,
      async (stage) => {
        stage.expectTokens(await open(stage).redeem(await stage.login()), stage.granted({ jkt: stage.prover.jkt }));
      },
      lacks,
    ),
    rule(
      'binds a code to the key that its login named',
      'return dpopJkt as it was saved.',
      async (stage) => {
        const login = await stage.login({ dpopJkt: stage.prover.jkt });
        stage.expectRefusal(await stage.open({}).redeem({ ...login, proof: null }), INVALID_PROOF);
        stage.expectRefusal(await stage.open({ prover: createDpopProver() }).redeem(login), INVALID_GRANT);
        stage.expectTokens(await open(stage).redeem(login), stage.granted({ jkt: stage.prover.jkt }));
      },
      lacks,
    ),
    rule(
      'accepts a proof once',
      'pass consumeJti to createDpopVerifier, one atomic step of a store that all nodes share.',
      async (stage) => {
        const endpoint = open(stage);
        const first = await endpoint.redeem(await stage.login());
        stage.expectTokens(first, stage.granted({ jkt: stage.prover.jkt }));
        const made: string[] = [];
        const proof = (nonce: string | undefined) => {
          made.push(made.at(-1) ?? stage.prover.proof({ htu: String(tokenEndpoint), nonce }));
          return String(made.at(-1));
        };
        stage.expectTokens(
          await endpoint.redeem({ ...(await stage.login()), proof }),
          stage.granted({ jkt: stage.prover.jkt }),
        );
        stage.expectRefusal(await endpoint.redeem({ ...(await stage.login()), proof }), INVALID_PROOF);
      },
      lacks,
    ),
    rule(
      'asks for a nonce, and accepts it',
      'pass nonceSecret to createDpopVerifier.',
      async (stage) => {
        const login = await stage.login();
        const proof = stage.prover.proof({ htu: String(tokenEndpoint) });
        const challenge = await stage.open({}).redeem({ ...login, proof });
        stage.expectRefusal(challenge, ['use_dpop_nonce', 400]);
        stage.check(challenge.headers['dpop-nonce'] !== undefined, 'The field DPoP-Nonce is missing.', challenge);
        stage.expectTokens(await open(stage).redeem(login), stage.granted({ jkt: stage.prover.jkt }));
      },
      lacks,
      !nonces && 'without nonces',
    ),
    rule(
      'refuses a request without a proof',
      'write requireDpop: true, or dpopBoundAccessTokens: true for the client.',
      async (stage) => {
        stage.expectRefusal(await stage.open({}).redeem({ ...(await stage.login()), proof: null }), INVALID_PROOF);
      },
      lacks,
      takes !== 'required' && "dpop is not 'required'",
    ),
    ...rows.map(({ name, proof, status, error }) =>
      rule(
        `refuses, and spends nothing: a proof with ${name}`,
        `${verify} Refuse in verifyDpop, before anything is used up.`,
        async (stage) => {
          const login = await stage.login();
          stage.expectRefusal(await open(stage).redeem({ ...login, proof }), [error, status]);
          stage.expectTokens(await open(stage).redeem(login), stage.granted({ jkt: stage.prover.jkt }));
        },
      ),
    ),
    rule(
      'binds the refresh token of a public client to its key',
      'save the jkt of exchange.confirmation with the refresh token, as dpopJkt.',
      async (stage) => {
        const endpoint = open(stage);
        const refreshToken = await signIn(stage, endpoint);
        stage.expectRefusal(await stage.open({ prover: createDpopProver() }).refresh({ refreshToken }), INVALID_GRANT);
        stage.expectTokens(await endpoint.refresh({ refreshToken }), renewed(stage, { jkt: stage.prover.jkt }));
      },
      lacks,
      !refresh && 'without refresh',
      (secretOf(client) ?? keyOf(client)) !== undefined && 'the client authenticates',
    ),
  ];
}
