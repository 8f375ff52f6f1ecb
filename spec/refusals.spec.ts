import { invalidClient, unavailable } from '../lib/refusals';

const cause = new Error('row 7 is locked');

describe('The refusal of a client', () => {
  it('is the same whatever is wrong with the client, and counts', () => {
    for (const reason of ['client_refused', 'client_secret_wrong'] as const) {
      expect(invalidClient(reason)).toMatchObject({
        error: 'invalid_client',
        error_description: 'Client authentication failed',
        reason,
        headers: {},
        counts: true,
      });
    }
  });

  it('has the cause that it is given, and no other', () => {
    expect(invalidClient('client_mismatch', { cause })).toHaveProperty('cause', cause);
    expect(invalidClient('client_mismatch')).not.toHaveProperty('cause');
  });
});

describe('The refusal of a server that is busy', () => {
  it('tells the client when to try again, and does not count', () => {
    expect(unavailable('adapter_timeout')).toMatchObject({
      error: 'temporarily_unavailable',
      error_description: 'The authorization server is not available now, try again',
      reason: 'adapter_timeout',
      headers: { 'Retry-After': '1' },
      counts: false,
    });
    expect(unavailable('adapter_timeout', {}, 30).headers).toEqual({ 'Retry-After': '30' });
  });

  it('has the cause that it is given, and no other', () => {
    expect(unavailable('adapter_timeout', { cause })).toHaveProperty('cause', cause);
    expect(unavailable('adapter_timeout')).not.toHaveProperty('cause');
  });
});
