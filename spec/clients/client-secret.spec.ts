import { createHash } from 'node:crypto';
import { createClientSecret, hashClientSecret } from '../../lib/clients';
import { matchesDigest, matchesScrypt, parseSecretHash } from '../../lib/clients/client-secret';
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
    ['of sixteen blocks', { ln: 1, r: 16, p: 1 }],
  ])('by scrypt %s is read', async (_what, cost) => {
    const hash = parseSecretHash(scryptOf('chosen', cost));
    if (hash?.kind !== 'scrypt') throw new Error('no scrypt');
    expect([await matchesScrypt('chosen', hash), await matchesScrypt('wrong', hash)]).toEqual([true, false]);
  });

  it.each<[string, unknown]>([
    ['no text', 7],
    ['in a list', [digestOf('x')]],
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
    ['scrypt after a blank', ` ${scryptOf('x')}`],
    ['scrypt with more behind it', `${scryptOf('x')}A`],
  ])('that is %s is none', (_what, text) => {
    expect(parseSecretHash(text)).toBeUndefined();
  });

  it('that takes exactly 128 MiB is one', () => {
    expect(parseSecretHash(scryptOf('x').replace('ln=4', 'ln=17'))).toBeDefined();
  });
});
