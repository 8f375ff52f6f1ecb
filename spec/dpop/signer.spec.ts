import { createSigners, MAX_SIGNERS } from '../../lib/dpop/signer';
import { ALGORITHMS } from '../../lib/jws/algorithms';
import { expectRefusal } from '../support/refusals';
import { client, createDpopEndpoint, prove, SIGNERS, thumbprintOf } from './support/prover';

const algorithms = new Map<unknown, (typeof ALGORITHMS)['ES256']>([['ES256', ALGORITHMS.ES256]]);
const headerOf = (members: object) =>
  Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: client.jwk, ...members })).toString('base64url');

describe('A header', () => {
  it('names the key by its thumbprint', () => {
    expect(createSigners(algorithms).parse(headerOf({})).jkt).toBe(thumbprintOf(client.jwk));
  });

  it('is parsed each time until it is remembered', () => {
    const { parse, remember } = createSigners(algorithms);
    const signer = parse(headerOf({}));
    expect(parse(headerOf({}))).not.toBe(signer);
    remember(headerOf({}), signer);
    expect(parse(headerOf({}))).toBe(signer);
  });

  it('is another one where anything in it is different', () => {
    const { parse, remember } = createSigners(algorithms);
    remember(headerOf({}), parse(headerOf({})));
    expect(() => parse(headerOf({ typ: 'JWT' }))).toThrow(expect.objectContaining({ reason: 'dpop_type_wrong' }));
    expect(() => parse(headerOf({ alg: 'ES384' }))).toThrow(
      expect.objectContaining({ reason: 'dpop_algorithm_unsupported' }),
    );
    expect(parse(headerOf({ jwk: SIGNERS.ES256().jwk })).jkt).not.toBe(thumbprintOf(client.jwk));
  });

  it('is forgotten after as many others as fit', () => {
    const { parse, remember } = createSigners(algorithms);
    const signer = parse(headerOf({}));
    remember(headerOf({}), signer);
    for (let others = 1; others < MAX_SIGNERS; others += 1) remember(headerOf({ others }), signer);
    expect(parse(headerOf({}))).toBe(signer);
    remember(headerOf({ others: MAX_SIGNERS }), signer);
    expect(parse(headerOf({}))).not.toBe(signer);
    expect(parse(headerOf({ others: 1 }))).toBe(signer);
  });
});

describe('A proof whose header was seen before', () => {
  /** An endpoint that has verified a signature of the client's, and refused the proof for its age. */
  async function createSeen() {
    const confirmations: unknown[] = [];
    const issueTokens = ({ confirmation }: { confirmation?: unknown }) => {
      confirmations.push(confirmation);
      return { access_token: 'an access token', expires_in: 60 };
    };
    const endpoint = createDpopEndpoint({}, { issueTokens });
    const answer = await endpoint.prove(prove({ claims: { iat: 1 } }));
    expectRefusal(answer, endpoint, { error: 'invalid_dpop_proof', reason: 'dpop_proof_too_old' });
    return { ...endpoint, confirmations };
  }

  it('passes, and is bound to the same key', async () => {
    const endpoint = await createSeen();
    expect((await endpoint.prove(prove())).body.token_type).toBe('DPoP');
    expect(endpoint.confirmations).toEqual([{ jkt: thumbprintOf(client.jwk) }]);
  });

  it('is refused where another key signed it', async () => {
    const endpoint = await createSeen();
    const answer = await endpoint.prove(prove({ sign: SIGNERS.ES256().sign }));
    expectRefusal(answer, endpoint, { error: 'invalid_dpop_proof', reason: 'dpop_signature_wrong' });
    expect([endpoint.isSpent(), endpoint.confirmations]).toEqual([false, []]);
  });
});
