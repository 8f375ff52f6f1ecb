import { type Confirmation, type DpopProof, OAuthError } from '../../lib';
import { createEndpoint, goodForm, type LiveCode, type Options } from '../support/endpoint';
import { rawPost, sendBytes, withServer } from '../support/raw';
import { expectRedeemable, expectRefusal } from '../support/refusals';

const PROOF = 'header.claims.signature';
const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';
const HTU = 'https://auth.example/oauth/token';

type Given = Partial<Options> & { record?: Partial<LiveCode> };

/** An endpoint with DPoP, and what its adapters saw of the key. */
function createDpopEndpoint(options: Given = {}) {
  const proofs: DpopProof[] = [];
  const confirmations: (Confirmation | undefined)[] = [];
  const endpoint = createEndpoint({
    tokenEndpoint: HTU,
    verifyDpop(proof) {
      proofs.push(proof);
      return { jkt: JKT };
    },
    issueTokens({ confirmation }) {
      confirmations.push(confirmation);
      endpoint.calls.push('issueTokens');
      return { access_token: 'a', expires_in: 60 };
    },
    ...options,
  });
  return { ...endpoint, proofs, confirmations };
}

const missing = {
  error: 'invalid_dpop_proof',
  description: 'A DPoP proof is required',
  reason: 'dpop_proof_missing',
};
const repeated = {
  error: 'invalid_dpop_proof',
  description: 'The DPoP header must hold exactly one proof',
  reason: 'dpop_proof_repeated',
};

describe('Without a DPoP field', () => {
  it.each<[string, Given]>([
    ['that asks for none', {}],
    ['without verifyDpop', { verifyDpop: undefined, tokenEndpoint: undefined }],
    [
      'with a client that is not bound',
      { authenticateClient: () => ({ clientId: 'spa', dpopBoundAccessTokens: false }) },
    ],
  ])('an endpoint %s issues Bearer tokens', async (_what, options) => {
    const endpoint = createDpopEndpoint(options);
    const answer = await endpoint.post();
    expect([answer.status, answer.body.token_type, endpoint.confirmations]).toEqual([200, 'Bearer', [undefined]]);
    expect([answer.headers['dpop-nonce'], endpoint.proofs]).toEqual([undefined, []]);
  });

  it.each<[string, Given]>([
    ['the option requires one', { requireDpop: true }],
    ['the client requires one', { authenticateClient: () => ({ clientId: 'spa', dpopBoundAccessTokens: true }) }],
    ['the code requires one', { record: { dpopJkt: JKT } }],
    [
      'the code requires one that this host cannot verify',
      { record: { dpopJkt: JKT }, verifyDpop: undefined, tokenEndpoint: undefined },
    ],
    [
      'the client requires one that this host cannot verify',
      {
        authenticateClient: () => ({ clientId: 'spa', dpopBoundAccessTokens: true }),
        verifyDpop: undefined,
        tokenEndpoint: undefined,
      },
    ],
  ])('a request is refused where %s, with 400 and no challenge', async (_what, options) => {
    const endpoint = createDpopEndpoint(options);
    const answer = await endpoint.post();
    expectRefusal(answer, endpoint, missing);
    expect(answer.headers).not.toHaveProperty('www-authenticate');
    expect([endpoint.isSpent(), endpoint.calls]).toEqual([false, ['findCode']]);
  });

  it('a refused client can try again with a proof, and the code is still usable', async () => {
    const endpoint = createDpopEndpoint({ requireDpop: true });
    expectRefusal(await endpoint.post(), endpoint, missing);
    expect((await endpoint.post().set('DPoP', PROOF)).body.token_type).toBe('DPoP');
  });
});

describe('A host without verifyDpop', () => {
  it.each(['', PROOF, `${PROOF}, ${PROOF}`])('ignores a proof and says Bearer: %j', async (proof) => {
    const endpoint = createDpopEndpoint({ verifyDpop: undefined, tokenEndpoint: undefined });
    const answer = await endpoint.post().set('DPoP', proof);
    expect([answer.status, answer.body.token_type, endpoint.confirmations]).toEqual([200, 'Bearer', [undefined]]);
  });

  it('refuses a code that is bound to a key, proof or not', async () => {
    const record = { dpopJkt: JKT };
    const endpoint = createDpopEndpoint({ record, verifyDpop: undefined, tokenEndpoint: undefined });
    expectRefusal(await endpoint.post().set('DPoP', PROOF), endpoint, missing);
    expect(endpoint.isSpent()).toBe(false);
  });
});

describe('A DPoP field', () => {
  it.each([
    ['that is empty', ''],
    ['that is a list', `${PROOF}, ${PROOF}`],
    ['that is a list with one proof', `${PROOF},`],
    ['that is a comma', ','],
  ])('%s is refused, and never ends as a Bearer token', async (_what, field) => {
    const endpoint = createDpopEndpoint();
    expectRefusal(await endpoint.post().set('DPoP', field), endpoint, repeated);
    expect([endpoint.proofs, endpoint.isSpent()]).toEqual([[], false]);
    await expectRedeemable(endpoint);
  });

  it.each([
    ['twice', [`DPoP: ${PROOF}`, `DPoP: ${PROOF}`]],
    ['twice, in two letter cases', [`dpop: ${PROOF}`, `DPOP: ${PROOF}`]],
    ['twice, once empty', [`DPoP: ${PROOF}`, 'DPoP:']],
    ['twice, empty first', ['DPoP:', `DPoP: ${PROOF}`]],
  ])('sent %s is refused', async (_what, fields) => {
    const endpoint = createDpopEndpoint();
    const bytes = rawPost(
      ['Content-Type: application/x-www-form-urlencoded', ...fields],
      new URLSearchParams(goodForm()).toString(),
    );
    const answer = await withServer(endpoint.app, (port) => sendBytes(port, bytes));
    expect([answer.status, JSON.parse(answer.body).error, endpoint.reasons(), endpoint.isSpent()]).toEqual([
      400,
      repeated.error,
      [repeated.reason],
      false,
    ]);
  });
});

describe('A verified proof', () => {
  it('binds the tokens to its key', async () => {
    const endpoint = createDpopEndpoint();
    const answer = await endpoint.post().set('DPoP', PROOF);
    expect([answer.status, answer.body.token_type, endpoint.confirmations]).toEqual([200, 'DPoP', [{ jkt: JKT }]]);
    expect(answer.headers).not.toHaveProperty('dpop-nonce');
  });

  it('is verified against POST and the configured URL, whatever Host says', async () => {
    const endpoint = createDpopEndpoint();
    await endpoint.post().set({ DPoP: PROOF, Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' });
    expect(endpoint.proofs).toEqual([{ proof: PROOF, htm: 'POST', htu: HTU }]);
  });

  it('is verified against the URL that a function gives for the request', async () => {
    const tokenEndpoint: Options['tokenEndpoint'] = (req) => `https://${req.get('X-Tenant')}.example/oauth/token`;
    const endpoint = createDpopEndpoint({ tokenEndpoint });
    await endpoint.post().set({ DPoP: PROOF, 'X-Tenant': 'a' });
    expect(endpoint.proofs).toMatchObject([{ htu: 'https://a.example/oauth/token' }]);
  });

  it.each([
    'http://localhost:3000/oauth/token',
    'https://[::1]:3000/oauth/token',
    'HTTPS://auth.example',
    'https://a%75th.example?tenant=%C3%A4',
    "https://auth.example/t%C3%BCr/a@b:c!$&'()*+,;=/token?a=/",
  ])('is verified against the URL of a function as it is: %s', async (url) => {
    const endpoint = createDpopEndpoint({ tokenEndpoint: () => url });
    expect((await endpoint.post().set('DPoP', PROOF)).status).toBe(200);
    expect(endpoint.proofs).toEqual([{ proof: PROOF, htm: 'POST', htu: url }]);
  });

  it.each([[undefined], [null], ['']])('carries no nonce where verifyDpop returned %j', async (nonce) => {
    const endpoint = createDpopEndpoint({ verifyDpop: async () => ({ jkt: JKT, nonce }) });
    const answer = await endpoint.post().set('DPoP', PROOF);
    expect([answer.status, answer.body.token_type]).toEqual([200, 'DPoP']);
    expect(answer.headers).not.toHaveProperty('dpop-nonce');
  });

  it('carries the next nonce to the client', async () => {
    const endpoint = createDpopEndpoint({ verifyDpop: async () => ({ jkt: JKT, nonce: 'next' }) });
    expect((await endpoint.post().set('DPoP', PROOF)).headers['dpop-nonce']).toBe('next');
  });

  it('of the key that the code is bound to is accepted', async () => {
    const endpoint = createDpopEndpoint({ record: { dpopJkt: JKT } });
    expect((await endpoint.post().set('DPoP', PROOF)).body.token_type).toBe('DPoP');
  });

  it.each([
    ['another key', 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
    ['a key that begins like it', `${JKT}x`],
    ['the key in another letter case', JKT.toLowerCase()],
  ])('of %s than the code’s is refused before the code is spent', async (_what, dpopJkt) => {
    const endpoint = createDpopEndpoint({ record: { dpopJkt } });
    expectRefusal(await endpoint.post().set('DPoP', PROOF), endpoint, {
      error: 'invalid_grant',
      description: 'The DPoP proof has another key than the grant is bound to',
      reason: 'dpop_key_mismatch',
    });
    expect([endpoint.isSpent(), endpoint.calls]).toEqual([false, ['findCode']]);
  });

  it('comes last of the checks: nothing is verified for a request that fails another', async () => {
    const endpoint = createDpopEndpoint();
    for (const change of [
      { code: 'unknown' },
      { client_id: 'other' },
      { redirect_uri: 'https://evil.example' },
      { code_verifier: 'x'.repeat(43) },
    ]) {
      await endpoint.post({ ...goodForm(), ...change }).set('DPoP', PROOF);
    }
    expect(endpoint.proofs).toEqual([]);
    expect(endpoint.reasons()).toEqual([
      'code_unknown',
      'code_of_another_client',
      'redirect_uri_mismatch',
      'code_verifier_mismatch',
    ]);
  });
});

describe('A verifyDpop that refuses', () => {
  it('challenges with a nonce: 400, exactly one DPoP-Nonce, no WWW-Authenticate, and the code untouched', async () => {
    let isFresh = false;
    const challenge = new OAuthError('use_dpop_nonce', 'Use the nonce of the DPoP-Nonce header', {
      reason: 'my_nonce_missing',
      headers: { 'DPoP-Nonce': 'fresh' },
    });
    const endpoint = createDpopEndpoint({
      verifyDpop() {
        if (!isFresh) throw challenge;
        return { jkt: JKT };
      },
    });
    const answer = await endpoint.post().set('DPoP', PROOF).auth('spa', '');
    expectRefusal(answer, endpoint, {
      error: 'use_dpop_nonce',
      description: 'Use the nonce of the DPoP-Nonce header',
      reason: 'my_nonce_missing',
    });
    expect([answer.headers['dpop-nonce'], answer.headers['www-authenticate']]).toEqual(['fresh', undefined]);
    expect(endpoint.isSpent()).toBe(false);
    isFresh = true;
    expect((await endpoint.post().set('DPoP', PROOF)).status).toBe(200);
  });

  it('keeps its 400, whatever status the host chose for other errors', async () => {
    const endpoint = createDpopEndpoint({
      errorStatus: { invalid_client: 403, invalid_request: 422 },
      verifyDpop: () => Promise.reject(new OAuthError('invalid_dpop_proof', 'The proof is wrong')),
    });
    expectRefusal(await endpoint.post().set('DPoP', PROOF), endpoint, {
      error: 'invalid_dpop_proof',
      reason: 'adapter_refused',
    });
  });
});

describe('A fault of the host is', () => {
  const gone = new Error('redis gone');

  it('a verifyDpop that throws anything else', async () => {
    const endpoint = createDpopEndpoint({ verifyDpop: () => Promise.reject(gone) });
    expectRefusal(await endpoint.post().set('DPoP', PROOF), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'verify_dpop_failed',
    });
    expect([endpoint.outcomes[0]?.fault, endpoint.isSpent()]).toEqual([gone, false]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'undefined; it must return { jkt: the thumbprint of the key }'],
    ['null', null, 'null; it must return {'],
    ['true', true, 'true; it must return {'],
    ['the bare thumbprint', JKT, "'"],
    ['no jkt', {}, 'an empty object; it must return {'],
    ['an empty jkt', { jkt: '' }, 'an object with jkt; it must return {'],
    ['a jkt that is no string', { jkt: 7 }, 'an object with jkt; it must return {'],
    ['a nonce that is no string', { jkt: JKT, nonce: 7 }, '7; it must return a nonce of visible ASCII (RFC 9449 §8.1)'],
    ['a nonce of blanks', { jkt: JKT, nonce: ' ' }, "' '; it must return a nonce"],
    ['a nonce of two lines', { jkt: JKT, nonce: 'a\nb' }, "'a?b'; it must return a nonce"],
    ['a nonce that no header takes', { jkt: JKT, nonce: '\u2028' }, "'?'; it must return a nonce"],
    ['a nonce with a quote', { jkt: JKT, nonce: 'a"b' }, `'a"b'; it must return a nonce`],
  ])('a verifyDpop that returns %s: never a Bearer token', async (_what, verified, told) => {
    const endpoint = createDpopEndpoint({ verifyDpop: (async () => verified) as never });
    expectRefusal(await endpoint.post().set('DPoP', PROOF), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'confirmation_malformed',
    });
    expect(String(endpoint.outcomes[0]?.fault)).toContain(`TypeError: verifyDpop returned ${told}`);
    expect(endpoint.outcomes).toMatchObject([{ outcome: 'failed', fault: expect.any(TypeError) }]);
    expect(endpoint.isSpent()).toBe(false);
  });

  it.each<[string, unknown]>([
    [
      'throws',
      () => {
        throw gone;
      },
    ],
    ['returns nothing', () => undefined],
    ['returns a path', () => '/oauth/token'],
    ['returns a promise', () => Promise.resolve(HTU)],
    ['returns a URL object', () => new URL(HTU)],
  ])('a tokenEndpoint that %s', async (_what, tokenEndpoint) => {
    const endpoint = createDpopEndpoint({ tokenEndpoint: tokenEndpoint as never });
    expectRefusal(await endpoint.post().set('DPoP', PROOF), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'token_endpoint_failed',
    });
    expect([endpoint.proofs, endpoint.isSpent()]).toEqual([[], false]);
    expect(endpoint.outcomes).toMatchObject([{ outcome: 'failed', fault: expect.any(Error) }]);
    const told =
      /^(?:Error: .*|TypeError: tokenEndpoint returned (?:undefined|'\/oauth\/token'|a Promise|a URL); it must return the public http\(s\) URL of the endpoint, at once(?:\. Await it)?)$/;
    expect(String(endpoint.outcomes[0]?.fault)).toMatch(told);
  });

  it.each([
    'xhttps://auth.example/oauth/token',
    'https://',
    'https://auth.example/oauth/token#here',
    'https://auth.example/oauth token',
    'https://user@auth.example/oauth/token',
    'https://späte.example/oauth/token',
    'https://auth.example/{tenant}/token',
    'https://auth.example/%7g',
    'https://auth.example/%g7',
    'https://auth.example/%',
    'https://a%7gth.example/oauth/token',
    'https://auth.example:99999/oauth/token',
  ])('a tokenEndpoint that returns %s, which no htu can equal', async (url) => {
    const endpoint = createDpopEndpoint({ tokenEndpoint: () => url });
    expectRefusal(await endpoint.post().set('DPoP', PROOF), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'token_endpoint_failed',
    });
    expect([endpoint.proofs, endpoint.isSpent()]).toEqual([[], false]);
  });

  it('a record without dpopJkt, for a lost column must not unbind a code', async () => {
    const endpoint = createDpopEndpoint({ record: { dpopJkt: undefined as never } });
    expectRefusal(await endpoint.post().set('DPoP', PROOF), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'code_malformed',
    });
  });
});
