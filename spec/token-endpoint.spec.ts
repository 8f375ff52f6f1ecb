import request from 'supertest';
import { createEndpoint, goodForm } from './support/endpoint';
import { expectRefusal } from './support/refusals';

const refresh = { findRefreshToken: () => null, consumeRefreshToken: () => false, revokeTokens: () => {} };
const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';
const issued = { access_token: 'an access token', expires_in: 3600 };

describe('The token endpoint', () => {
  it('gives the parameters that the host declares to issueTokens', async () => {
    const seen: unknown[] = [];
    const { post, reasons } = createEndpoint({
      parameters: ['audience', 'tenant'],
      issueTokens({ parameters }: { parameters: unknown }) {
        seen.push(parameters);
        return issued;
      },
    } as never);
    await post({ ...goodForm(), audience: 'https://api.example/', other: 'x' });
    expect(seen).toEqual([{ audience: 'https://api.example/', tenant: undefined }]);
    expect(reasons()).toEqual(['code_redeemed']);
  });

  it.each(['audience', 'device_code'])('refuses a declared parameter in the URL: %s', async (name) => {
    const { app, reasons } = createEndpoint({
      parameters: ['audience'],
      grants: {
        plain: { issueTokens: () => issued },
        device: { parameters: ['device_code'], issueTokens: () => issued },
      },
    } as never);
    const send = (query: string) => request(app).post(`/oauth/token?${query}=x`).type('form').send(goodForm());
    const answer = await send(name);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    expect((await send('undeclared')).status).toBe(200);
    expect(reasons()).toHaveLength(2);
  });

  it('serves the grant refresh_token only where refresh is there', async () => {
    const form = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: 'a refresh token' };
    const without = createEndpoint();
    expectRefusal(await without.post(form), without, {
      error: 'unsupported_grant_type',
      description: 'The grant type is not supported',
      reason: 'grant_type_unsupported',
    });
    const served = createEndpoint({ refresh } as never);
    expectRefusal(await served.post(form), served, { error: 'invalid_grant', reason: 'refresh_token_unknown' });
  });

  it.each([
    ['tells issueTokens that nobody could use a refresh token', {}, false],
    ['tells issueTokens that it serves refresh tokens', { refresh }, true],
  ])('%s', async (_what, options, expected) => {
    const seen: boolean[] = [];
    const issueTokens = ({ servesRefresh }: { servesRefresh: boolean }) => {
      seen.push(servesRefresh);
      return issued;
    };
    const endpoint = createEndpoint({
      ...options,
      authenticateClient: () => ({ clientId: 'spa', grantTypes: ['authorization_code', 'device'] }),
      issueTokens,
      grants: { device: { allowPublic: true, issueTokens } },
    } as never);
    await endpoint.post();
    await endpoint.post({ grant_type: 'device', client_id: 'spa' });
    expect(seen).toEqual([expected, expected]);
    expect(endpoint.outcomes).toMatchObject([
      { outcome: 'issued', reason: 'code_redeemed' },
      { outcome: 'issued', reason: 'extension_grant_redeemed' },
    ]);
  });

  it.each([
    ['the next nonce of the verifier beside the tokens', { jkt: JKT, nonce: 'next' }, 'next'],
    ['no nonce where the verifier has none', { jkt: JKT }, undefined],
  ])('sends %s', async (_what, verified, expected) => {
    const tokenEndpoint = 'https://auth.example/oauth/token';
    const { post } = createEndpoint({
      tokenEndpoint,
      verifyDpop: () => verified,
      issueTokens: () => ({ ...issued, token_type: 'DPoP' }),
    } as never);
    const answer = await post().set('DPoP', 'a.proof.here');
    expect([answer.status, answer.headers['dpop-nonce']]).toEqual([200, expected]);
  });
});
