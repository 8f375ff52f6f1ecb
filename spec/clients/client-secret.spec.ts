import { createHash } from 'node:crypto';
import { createClientSecret, hashClientSecret } from '../../lib/clients';
import { matchesDigest, matchesScrypt, parseSecretHash } from '../../lib/clients/client-secret';
import { expectRefusal } from '../support/refusals';
import { createClientEndpoint, digestOf, scryptOf } from './support/asserter';

describe('createClientSecret', () => {
  it('makes 256 random bits, and the SHA-256 to store', () => {
    const { clientSecret, clientSecretHash } = createClientSecret();
    expect(clientSecret).toMatch(/^[\w-]{43}$/);
    const digest = createHash('sha256').update(clientSecret).digest('base64url');
    expect(clientSecretHash).toBe(`sha256:${digest}`);
    expect(createClientSecret().clientSecret).not.toBe(clientSecret);
  });

  it('makes one that authenticates', async () => {
    const { clientSecret, clientSecretHash } = createClientSecret();
    const endpoint = createClientEndpoint('app', {
      clients: { app: { clientId: 'app', tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash } },
    });
    expect((await endpoint.send().auth('app', `${clientSecret}x`)).status).toBe(401);
    expect((await endpoint.send().auth('app', clientSecret)).status).toBe(200);
  });
});

describe('hashClientSecret', () => {
  it('hashes by scrypt with a salt, in the PHC string format', async () => {
    const [one, two] = await Promise.all([hashClientSecret('chosen'), hashClientSecret('chosen')]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z\d+/]{22}\$[A-Za-z\d+/]{43}$/);
    expect(two).not.toBe(one);
    const hash = parseSecretHash(one);
    if (hash?.kind !== 'scrypt') throw new Error('no scrypt');
    expect([await matchesScrypt('chosen', hash), await matchesScrypt('Chosen', hash)]).toEqual([true, false]);
  }, 300_000);

  it.each([undefined, null, '', 7])('refuses %p', async (secret) => {
    await expect(hashClientSecret(secret as never)).rejects.toThrow(
      /^hashClientSecret: the secret is .+\. Pass a string that is not empty\.$/,
    );
  });
});

describe('A stored hash', () => {
  it('by SHA-256 matches its secret alone', () => {
    const hash = parseSecretHash(digestOf('s3cret'));
    if (hash?.kind !== 'sha256') throw new Error('no SHA-256');
    expect([matchesDigest('s3cret', hash.digest), matchesDigest('s3cret ', hash.digest)]).toEqual([true, false]);
  });

  it.each([
    ['of another cost', { ln: 10, r: 4, p: 2 }],
    ['of the least cost', { ln: 1, r: 1, p: 1 }],
    ['of the most lanes', { ln: 4, r: 8, p: 5 }],
    ['with a short salt', { salt: Buffer.from('12345678') }],
    ['with a long salt', { salt: Buffer.alloc(64, 1) }],
  ])('by scrypt %s is read', async (_what, cost) => {
    const hash = parseSecretHash(scryptOf('chosen', cost));
    if (hash?.kind !== 'scrypt') throw new Error('no scrypt');
    expect([await matchesScrypt('chosen', hash), await matchesScrypt('wrong', hash)]).toEqual([true, false]);
  });

  it.each<[string, unknown]>([
    ['no text', 7],
    ['empty', ''],
    ['hexadecimal', `sha256:${'ab'.repeat(32)}`],
    ['of another function', `sha512:${'a'.repeat(43)}`],
    ['with padding', `${digestOf('x')}=`],
    ['with a line break', `${digestOf('x')}\n`],
    ['after a blank', ` ${digestOf('x')}`],
    ['bcrypt', '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
    ['by argon2', '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b1a'],
    ['scrypt that takes more than 128 MiB', scryptOf('x').replace('ln=4,r=8', 'ln=17,r=9')],
    ['scrypt with a huge N', scryptOf('x').replace('ln=4', 'ln=60')],
    ['scrypt with N 1', scryptOf('x').replace('ln=4', 'ln=0')],
    ['scrypt without blocks', scryptOf('x').replace('r=8', 'r=0')],
    ['scrypt without lanes', scryptOf('x').replace('p=1', 'p=0')],
    ['scrypt with six lanes', scryptOf('x').replace('p=1', 'p=6')],
    ['scrypt without a salt', scryptOf('x').replace(/\$[^$]+\$([^$]+)$/, '$$$$$1')],
    ['scrypt with a short digest', scryptOf('x').slice(0, -1)],
    ['scrypt with more behind it', `${scryptOf('x')}A`],
  ])('that is %s is none', (_what, text) => {
    expect(parseSecretHash(text)).toBeUndefined();
  });

  it('that takes exactly 128 MiB is one', () => {
    expect(parseSecretHash(scryptOf('x').replace('ln=4', 'ln=17'))).toBeDefined();
  });
});

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
