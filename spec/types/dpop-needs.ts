import { createTokenRouter, type VerifyDpop } from '../../lib';
import { createDpopVerifier } from '../../lib/dpop';
import { consumeCode, issueTokens, type Row } from './host';

const tokenEndpoint = 'https://auth.example/oauth/token';
const verifyDpop = createDpopVerifier({ consumeJti: () => true });
declare const mayVerify: VerifyDpop | undefined;

interface BoundRow extends Row {
  dpopJkt: string | null;
}
declare const findBound: (code: string) => Promise<BoundRow | null>;
declare const findUnbound: (code: string) => Promise<Omit<Row, 'dpopJkt'> | null>;

createTokenRouter({ findCode: findBound, consumeCode, issueTokens, verifyDpop, tokenEndpoint });
createTokenRouter({ findCode: findBound, consumeCode, issueTokens, verifyDpop, tokenEndpoint: () => tokenEndpoint });
createTokenRouter({
  findCode: findBound,
  consumeCode,
  issueTokens,
  tokenEndpoint,
  verifyDpop: async ({ proof }) => ({ jkt: proof }),
});
// Whether it is there is known only when it runs: then the start-up check tells.
createTokenRouter({ findCode: findBound, consumeCode, issueTokens, verifyDpop: mayVerify });
// Without DPoP a record needs no key.
createTokenRouter({ findCode: findUnbound, consumeCode: async () => true, issueTokens });

// @ts-expect-error proofs name the URL of the endpoint
createTokenRouter({ findCode: findBound, consumeCode, issueTokens, verifyDpop });
createTokenRouter({
  // @ts-expect-error a record without a key would switch the binding off
  findCode: findUnbound,
  consumeCode: async () => true,
  issueTokens: async () => ({ access_token: 'a', expires_in: 1 }),
  verifyDpop,
  tokenEndpoint,
});
