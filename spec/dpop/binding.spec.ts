import { randomBytes } from 'node:crypto';
import { decode, sign } from 'jsonwebtoken';
import { createDpopNonces } from '../../lib/dpop';
import { expectRefusal } from '../support/refusals';
import { client, createDpopEndpoint, prove, SIGNERS, thumbprintOf } from './support/prover';

jest.setTimeout(120_000);

const jkt = thumbprintOf(client.jwk);
const otherJkt = thumbprintOf(SIGNERS.ES256().jwk);
const secret = randomBytes(32);
const nonces = createDpopNonces(secret);

const PROOFS = {
  none: () => undefined,
  good: () => prove(),
  'good with a nonce': () => prove({ claims: { nonce: nonces.createNonce() } }),
  'with a stale nonce': () => prove({ claims: { nonce: 'stale' } }),
  'for another URL': () => prove({ claims: { htu: 'https://evil.example/' } }),
  'of another signature': () => prove({ sign: SIGNERS.ES256().sign }),
  'that is no proof': () => 'Bearer',
};

/** All there are; which `token_type` the host puts in goes around. */
const SITUATIONS = (Object.keys(PROOFS) as (keyof typeof PROOFS)[])
  .flatMap((proof) => [true, false].map((hasNonces) => ({ proof, hasNonces })))
  .flatMap((situation) => [true, false].map((requireDpop) => ({ ...situation, requireDpop })))
  .flatMap((situation) =>
    [true, false, undefined].map((dpopBoundAccessTokens) => ({ ...situation, dpopBoundAccessTokens })),
  )
  .flatMap((situation) => [null, jkt, otherJkt].map((dpopJkt) => ({ ...situation, dpopJkt })))
  .map((situation, index) => ({
    ...situation,
    hostsTokenType: [undefined, 'DPoP', 'Bearer', 'bearer', null][index % 5],
  }));
type Situation = (typeof SITUATIONS)[number];

/** What has to become of the request (RFC 9449 §5, §6, §10), said once more. */
function expectedEnd({ proof, hasNonces, requireDpop, dpopBoundAccessTokens, dpopJkt }: Situation) {
  const isBad = proof.startsWith('for') || proof.startsWith('of') || proof.startsWith('that');
  const isRequired = requireDpop || dpopBoundAccessTokens === true || dpopJkt !== null;
  if (proof === 'none') return isRequired ? 'invalid_dpop_proof' : 'Bearer';
  if (isBad) return 'invalid_dpop_proof';
  if (hasNonces && proof !== 'good with a nonce') return 'use_dpop_nonce';
  return dpopJkt === otherJkt ? 'invalid_grant' : 'DPoP';
}

it('cnf.jkt and token_type agree in every answer, and with what was proven', async () => {
  const ends = new Set<string>();
  for (const situation of SITUATIONS) {
    const { hasNonces, requireDpop, dpopBoundAccessTokens, dpopJkt, hostsTokenType } = situation;
    const endpoint = createDpopEndpoint(hasNonces ? { nonceSecret: secret } : {}, {
      requireDpop,
      record: { dpopJkt },
      authenticateClient: async ({ clientId = '' }) => ({ clientId, dpopBoundAccessTokens }),
      issueTokens: async ({ confirmation }) => ({
        access_token: sign(confirmation ? { cnf: confirmation } : {}, secret),
        expires_in: 60,
        ...({ token_type: hostsTokenType } as object),
      }),
    });
    const proof = PROOFS[situation.proof]();
    const answer = await (proof === undefined ? endpoint.post() : endpoint.prove(proof));
    const end = expectedEnd(situation);
    ends.add(end);

    expect([situation, answer.body.token_type ?? answer.body.error]).toEqual([situation, end]);
    expect(endpoint.isSpent()).toBe(answer.status === 200);
    if (answer.status !== 200) continue;
    const { cnf } = decode(answer.body.access_token, { json: true }) as { cnf?: { jkt: string } };
    expect(cnf).toEqual(answer.body.token_type === 'DPoP' ? { jkt } : undefined);
  }
  expect([...ends].sort()).toEqual(['Bearer', 'DPoP', 'invalid_dpop_proof', 'invalid_grant', 'use_dpop_nonce']);
});

describe('A code with a dpopJkt', () => {
  it('goes to its key alone, and stays for it', async () => {
    const endpoint = createDpopEndpoint({}, { record: { dpopJkt: jkt } });
    expectRefusal(await endpoint.prove(prove({ signer: SIGNERS.ES256() })), endpoint, {
      error: 'invalid_grant',
      reason: 'dpop_key_mismatch',
    });
    expectRefusal(await endpoint.post(), endpoint, { error: 'invalid_dpop_proof', reason: 'dpop_proof_missing' });
    const answer = await endpoint.prove(prove());
    expect([answer.status, answer.body.token_type]).toEqual([200, 'DPoP']);
  });

  it('accepts its key in every spelling', async () => {
    const endpoint = createDpopEndpoint({}, { record: { dpopJkt: jkt } });
    const { kty, crv, x, y } = client.jwk;
    const headerText = `{"jwk":{"y":"${y}","kid":"z","kty":"${kty}","x":"\\u00${x?.charCodeAt(0).toString(16)}${x?.slice(1)}","crv":"${crv}"}, "alg":"ES256","typ":"dpop+jwt"}`;
    expect((await endpoint.prove(prove({ headerText }))).status).toBe(200);
  });
});

it.each([
  ['empty', ''],
  ['a list', `${prove()}, ${prove()}`],
])('A DPoP field that is %s never ends in a Bearer token', async (_what, field) => {
  const endpoint = createDpopEndpoint();
  expectRefusal(await endpoint.prove(field), endpoint, { error: 'invalid_dpop_proof', reason: 'dpop_proof_repeated' });
  expect((await endpoint.prove(prove())).status).toBe(200);
});
