import request from 'supertest';
import { createClientAuthentication } from '../../lib/clients';
import { memoryJtis } from '../../lib/stores/memory';
import { CLIENTS, ISSUER } from '../clients/support/asserter';
import { createRefreshEndpoint, refreshForm } from '../support/refresh';

/** An endpoint with a refresh token of the client `post`, which authenticates by a secret in the body. */
function createConfidential() {
  const authenticateClient = createClientAuthentication({
    findClient: async (id) => CLIENTS[id],
    audience: ISSUER,
    consumeJti: memoryJtis().consumeJti,
  });
  return createRefreshEndpoint({ authenticateClient, token: { clientId: 'post' } } as never);
}

const form = (different: Record<string, string> = {}) => ({ ...refreshForm(), client_id: 'post', ...different });

describe('A confidential client refreshes', () => {
  it('with its secret', async () => {
    const { post, calls } = createConfidential();
    const answer = await post(form({ client_secret: 's3cret' }));
    expect([answer.status, answer.body.refresh_token]).toEqual([200, 'the next']);
    expect(calls).toEqual(['findRefreshToken', 'consumeRefreshToken', 'issueTokens']);
  });
});

describe('A confidential client that does not authenticate as it must', () => {
  it.each<[string, Record<string, string>]>([
    ['no credential', {}],
    ['an empty secret', { client_secret: '' }],
    ['a wrong secret', { client_secret: 'another' }],
    ['the secret of another client, under its own id', { client_id: 'basic', client_secret: 's3cret' }],
  ])('is refused, and its refresh token is as it was: %s', async (_what, different) => {
    const { post, calls, live, outcomes } = createConfidential();
    const answer = await post(form(different));
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    expect([calls, live.spentAt]).toEqual([[], null]);
    expect(outcomes).toHaveLength(1);
    expect((await post(form({ client_secret: 's3cret' }))).status).toBe(200);
  });

  it('is refused by its id where another client authenticates', async () => {
    const { app, calls, live } = createConfidential();
    const { client_id: _id, ...body } = form();
    const answer = await request(app).post('/oauth/token').type('form').auth('basic', 's3cret').send(body);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
    expect([calls, live.spentAt]).toEqual([['findRefreshToken'], null]);
  });
});
