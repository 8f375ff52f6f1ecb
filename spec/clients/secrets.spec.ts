import { createHash } from 'node:crypto';
import type { ClientCredentials } from '../../lib';
import { expectRefusal } from '../support/refusals';
import { createClientEndpoint, digestOf, scryptOf } from './support/asserter';

describe('A secret that was chosen', () => {
  const endpointOf = (...clientSecretHash: string[]) =>
    createClientEndpoint(
      'app',
      { clients: { app: { clientId: 'app', tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash } } },
      { consumeCode: () => true },
    );
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

  it.each([
    ['as it was sent', 'a+b'],
    ['form-decoded', 'a b'],
  ])('authenticates %s, again and again', async (_what, secret) => {
    const { send } = endpointOf(scryptOf('another'), scryptOf(secret));
    for (let i = 0; i < 3; i += 1) {
      expect((await send().set('Authorization', basic('app:a+b'))).status).toBe(200);
    }
  });

  it('is refused where it is wrong, and the right one passes after it and before it', async () => {
    const endpoint = endpointOf(scryptOf('chosen'));
    for (const secret of ['wrong', 'chosen', 'wrong', 'chosen']) {
      const answer = await endpoint.send().auth('app', secret);
      if (secret === 'chosen') expect(answer.status).toBe(200);
      else {
        expectRefusal(answer, endpoint, { status: 401, error: 'invalid_client', reason: 'client_secret_wrong' });
      }
    }
  });

  it('may be replaced by one that was made, while both are valid', async () => {
    const endpoint = endpointOf(scryptOf('chosen'), digestOf('made'));
    expect((await endpoint.send().auth('app', 'made')).status).toBe(200);
    expect((await endpoint.send().auth('app', 'chosen')).status).toBe(200);
  });

  it('costs one slow hash: many requests of one address at once are all served', async () => {
    const endpoint = endpointOf(scryptOf('chosen', { ln: 12 }));
    expect((await endpoint.send().auth('app', 'chosen')).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 20 }, () => endpoint.send().auth('app', 'chosen')));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  });

  it('costs one slow hash also if Basic has two forms of it', async () => {
    const endpoint = endpointOf(scryptOf('a b', { ln: 12 }));
    const send = () => endpoint.send().set('Authorization', basic('app:a+b'));
    expect((await send()).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  });

  it('is compared with its slow hash by scrypt alone', async () => {
    const digest = createHash('sha256').update('guess').digest('base64').replace('=', '');
    const endpoint = endpointOf(scryptOf('chosen').replace(/[^$]+$/, digest));
    const answer = await endpoint.send().auth('app', 'guess');
    expectRefusal(answer, endpoint, { status: 401, error: 'invalid_client', reason: 'client_secret_wrong' });
  });

  it('is forgotten with its hash', async () => {
    const client = {
      clientId: 'app',
      tokenEndpointAuthMethod: 'client_secret_basic',
      clientSecretHash: scryptOf('chosen'),
    };
    const endpoint = createClientEndpoint('app', { findClient: () => client }, { consumeCode: () => true });
    expect((await endpoint.send().auth('app', 'chosen')).status).toBe(200);
    client.clientSecretHash = scryptOf('fresh');
    expect((await endpoint.send().auth('app', 'chosen')).status).toBe(401);
  });

  it('does not use the queue if the client has no slow hash: many wrong ones at once are all refused', async () => {
    const endpoint = endpointOf(digestOf('made'));
    const answers = await Promise.all(Array.from({ length: 5 }, () => endpoint.send().auth('app', 'wrong')));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(401));
  });

  it('is one of a thousand that are remembered', async () => {
    let hash = '';
    const endpoint = createClientEndpoint(
      'app',
      {
        findClient: () => ({ clientId: 'app', tokenEndpointAuthMethod: 'client_secret_post', clientSecretHash: hash }),
      },
      { consumeCode: () => true },
    );
    const { authenticateClient } = endpoint;
    const prove = (secret: string) =>
      authenticateClient({ method: 'client_secret_post', clientId: 'app', clientSecret: secret }, {} as never);
    for (let i = 0; i <= 1000; i += 1) {
      hash = scryptOf(`secret ${i}`, { ln: 1, r: 1 });
      await prove(`secret ${i}`);
    }
    // One that is remembered takes no place. Of three that are hashed at once the third finds none.
    const proveThrice = async (secret: string) => {
      hash = scryptOf(secret, { ln: 1, r: 1 });
      const proofs = await Promise.allSettled([prove(secret), prove(secret), prove(secret)]);
      return proofs.map(({ status }) => status);
    };
    expect(await proveThrice('secret 1')).toEqual(Array(3).fill('fulfilled'));
    expect(await proveThrice('secret 0')).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    // The first was forgotten and is hashed again: it must still pass, and so must the last.
    hash = scryptOf('secret 0', { ln: 1, r: 1 });
    await expect(prove('secret 0')).resolves.toBeDefined();
    await expect(prove('secret 1000')).rejects.toMatchObject({ reason: 'client_secret_wrong' });
  });

  it('that is wrong does not slow down others: one address gets 503 beyond two at once, and honest clients are served', async () => {
    const slow = scryptOf('chosen', { ln: 15 });
    const endpoint = createClientEndpoint(
      'app',
      {
        clients: {
          app: { clientId: 'app', tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash: slow },
          made: {
            clientId: 'made',
            tokenEndpointAuthMethod: 'client_secret_basic',
            clientSecretHash: digestOf('made'),
          },
        },
      },
      { consumeCode: () => true },
    );
    const crowd = Array.from({ length: 10 }, () => endpoint.send().auth('app', 'wrong').then());
    const honest = await endpoint.send().auth('made', 'made');
    const statuses = (await Promise.all(crowd)).map(({ status }) => status).sort();
    expect([honest.body.error, statuses.slice(0, 2), statuses.at(-1)]).toEqual(['invalid_grant', [401, 401], 503]);
    expect(statuses.every((status) => status === 401 || status === 503)).toBe(true);
  });
});

describe('A secret that the host passes on', () => {
  it.each<[string, object]>([
    ['undefined', { clientSecretAsSent: undefined }],
    ['missing', {}],
    ['the same', { clientSecretAsSent: 'wrong' }],
  ])('has one form if that as it was sent is %s', async (_what, more) => {
    const { authenticateClient } = createClientEndpoint('basic');
    const credentials = { method: 'client_secret_basic', clientId: 'basic', clientSecret: 'wrong', ...more };
    await expect(authenticateClient(credentials as ClientCredentials, {} as never)).rejects.toMatchObject({
      reason: 'client_secret_wrong',
    });
  });
});

describe('A client whose clientSecretHash cannot be read', () => {
  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [[], 'an empty array'],
    ['s3cret', 'a string of 6 characters'],
    [[digestOf('s3cret'), null], 'an array of 2'],
    [[[digestOf('s3cret')]], 'an array of 1'],
  ])('is a fault that shows no secret: %#', async (clientSecretHash, received) => {
    const endpoint = createClientEndpoint('app', {
      findClient: () => ({ clientId: 'app', tokenEndpointAuthMethod: 'client_secret_post', clientSecretHash }) as never,
    });
    expect((await endpoint.send({ client_id: 'app', client_secret: 's3cret' })).status).toBe(500);
    const { reason, fault } = endpoint.outcomes[0] ?? {};
    expect([reason, String(fault)]).toEqual([
      'client_malformed',
      `TypeError: findClient returned a client whose clientSecretHash is ${received}; it must be what createClientSecret returned`,
    ]);
  });
});
