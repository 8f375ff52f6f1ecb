import request from 'supertest';
import { createEndpoint, goodForm } from './support/endpoint';

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
    expect((await without.post(form)).body.error).toBe('unsupported_grant_type');
    expect(without.reasons()).toEqual(['grant_type_unsupported']);
    const refresh = { findRefreshToken: () => null, consumeRefreshToken: () => false };
    const served = createEndpoint({ refresh, revokeTokens: () => {} } as never);
    expect((await served.post(form)).body.error).toBe('invalid_grant');
  });
});
