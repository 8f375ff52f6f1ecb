import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { TestClient, TokenEndpointHost } from '../../lib/testing';
import { ASSERTION_FAULTS, robot, signer } from './faults/clients';
import { createHost, description } from './faults/host';
import { collectRules, failuresOf, tamperWith } from './tampering';

const host: TokenEndpointHost = { ...description, client: signer, otherClient: robot };
const ABOUT = /assertion/;
const named = (...names: string[]) => names.map((name) => `refuses an assertion ${name}, and leaves the code`);
const ONCE = 'accepts an assertion once';

/** The rules that a host with this fault fails. */
const FOUND: Record<(typeof ASSERTION_FAULTS)[number], string[]> = {
  'a signature that is not verified': named(
    'by another key',
    'with the alg none',
    'without a signature',
    'that is signed with the public key as a secret',
    'by a key that it brings itself',
    'by the key of another client',
  ),
  'a signature that may be empty': named('with the alg none', 'without a signature'),
  'an alg none that is believed': named('with the alg none'),
  'an alg HS256 that is believed': named('that is signed with the public key as a secret'),
  'a key that is taken from the header': named('by a key that it brings itself'),
  'a key of any client': named('by the key of another client'),
  'an aud that is not compared': named('for another server', 'whose aud only begins as the right one', 'without aud'),
  'an aud that is compared at its beginning': named('whose aud only begins as the right one'),
  'an aud that may be missing': named('without aud'),
  'an exp that is not compared': named('that has expired'),
  'an exp that may be missing': named('without exp'),
  'an nbf that is not compared': named('that is not valid yet'),
  'a jti that may be missing': named('without jti'),
  'a jti that counts for nothing': [ONCE],
  'an iss that is not compared': named('with another iss'),
  'a sub that is not compared': named('with another sub'),
  'a client_id that counts more than the sub': named('beside the client_id of another client'),
  'a key that may be left out': ['refuses a client that has a key and sends no assertion'],
};

describe('A host with', () => {
  it.each(ASSERTION_FAULTS)('%s fails the rules about it, and no others', async (fault) => {
    expect(Object.keys(await failuresOf(host, () => createHost(fault), ABOUT))).toEqual(FOUND[fault]);
  });

  it('assertions that are verified well passes', async () => {
    expect(await failuresOf(host, () => createHost(), ABOUT)).toEqual({});
  });
});

describe('The assertion', () => {
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  /** The parts of the assertion that a rule sends first, and its request. */
  async function sentBy(name: string, client: TestClient = signer, other: TestClient | 'none' = robot) {
    const bodies: URLSearchParams[] = [];
    const create = () => tamperWith(createHost(), (_index, _answer, _req, body) => void bodies.push(body)).bench;
    const otherClient = other === 'none' ? undefined : other;
    await failuresOf({ ...description, client, otherClient }, create, new RegExp(`^refuses an assertion ${name}, and`));
    const [form] = bodies;
    const [header, claims, signature] = String(form?.get('client_assertion')).split('.');
    const parse = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString());
    return { header: parse(header), claims: parse(claims), signed: `${header}.${claims}`, signature, form };
  }

  it('with the alg none has no signature', async () => {
    const { header, signature } = await sentBy('with the alg none');
    expect([header, signature]).toEqual([{ typ: 'JWT', alg: 'none' }, '']);
  });

  it('without a signature names the right algorithm', async () => {
    const { header, signature } = await sentBy('without a signature');
    expect([header, signature]).toEqual([{ typ: 'JWT', alg: 'ES256' }, '']);
  });

  it('that is signed with a public key has its PEM as the secret', async () => {
    const { header, signed, signature } = await sentBy('that is signed with the public key as a secret');
    const pem = createPublicKey(signer.privateKey).export({ type: 'spki', format: 'pem' });
    expect(header.alg).toBe('HS256');
    expect(signature).toBe(createHmac('sha256', pem).update(signed).digest('base64url'));
  });

  it.each<[string, KeyObject, string]>([
    ['an EC key', signer.privateKey, 'ES256'],
    ['an RSA key', rsa, 'RS256'],
  ])('by another key has the algorithm and the kid of the client: for %s', async (_what, privateKey, alg) => {
    const client = { ...signer, privateKey, kid: 'key-1' };
    expect((await sentBy('by another key', client)).header).toEqual({ typ: 'JWT', alg, kid: 'key-1' });
    const { header } = await sentBy('by a key that it brings itself', client);
    expect(header).toEqual({ typ: 'JWT', alg, kid: 'key-1', jwk: expect.objectContaining({ kty: expect.anything() }) });
    const { kty, ...own } = createPublicKey(privateKey).export({ format: 'jwk' });
    expect(header.jwk.kty).toBe(kty);
    expect(header.jwk).not.toMatchObject(own);
    expect(header.jwk.d).toBeUndefined();
  });

  it.each(['by another key', 'by a key that it brings itself', 'by the key of another client'])(
    '%s has the kid of a JWK',
    async (name) => {
      const privateKey = { ...signer.privateKey.export({ format: 'jwk' }), kid: 'key-2' };
      expect((await sentBy(name, { ...signer, privateKey } as TestClient)).header.kid).toBe('key-2');
    },
  );

  it('by the key of another client has the algorithm of that key', async () => {
    const other: TestClient = { clientId: 'robot', privateKey: rsa, alg: 'PS256', audience: robot.audience };
    const { header, claims } = await sentBy('by the key of another client', signer, other);
    expect([header.alg, claims.iss, claims.sub]).toEqual(['PS256', 'signer', 'signer']);
  });

  it('keeps the claims and the header that the client has anyway', async () => {
    const client = {
      ...signer,
      claims: { aud: robot.audience, more: 1 },
      header: { typ: 'client-authentication+jwt' },
    };
    const { header, claims } = await sentBy('without exp', client);
    expect(header.typ).toBe('client-authentication+jwt');
    expect(claims).toMatchObject({ more: 1 });
    expect(claims.exp).toBeUndefined();
  });

  it.each<[string, TestClient | undefined, string]>([
    ['that client', robot, 'robot'],
    ['one of its own', { clientId: 'native' }, 'native'],
  ])('in the name of somebody else has the name of %s', async (_what, other, name) => {
    expect((await sentBy('with another iss', signer, other)).claims).toMatchObject({ iss: name, sub: 'signer' });
    const { claims, form } = await sentBy('with another sub', signer, other);
    expect([claims.iss, claims.sub, form?.get('client_id')]).toEqual(['signer', name, 'signer']);
    const beside = await sentBy('beside the client_id of another client', signer, other);
    expect([beside.claims.sub, beside.form?.get('client_id')]).toEqual(['signer', name]);
  });

  it('is in the name of nobody where there is no other client', async () => {
    const { claims } = await sentBy('with another iss', signer, 'none');
    expect(claims.iss).toBe('another-client');
  });

  it('that has expired or is not valid yet is so by more than any leeway', async () => {
    const now = Date.now() / 1000;
    expect((await sentBy('that has expired')).claims.exp).toBeLessThan(now - 3000);
    expect((await sentBy('that is not valid yet')).claims.nbf).toBeGreaterThan(now + 1000);
  });
});

describe('Rules about assertions', () => {
  const skippedFor = (client: TestClient, otherClient?: TestClient) =>
    collectRules({ client, otherClient }, () => createHost()).skipped.filter((name) => /assertion/.test(name));
  const [OTHER] = named('by the key of another client');

  it.each<[string, TestClient | undefined, string[]]>([
    ['has another key', robot, []],
    ['has the same key', { ...robot, privateKey: signer.privateKey }, [`${OTHER} (both clients have the same key)`]],
    [
      'has the same key in another form',
      { ...robot, privateKey: { ...signer.privateKey.export({ format: 'jwk' }), kid: 'key-1' } } as TestClient,
      [`${OTHER} (both clients have the same key)`],
    ],
    ['has no key', { clientId: 'native' }, [`${OTHER} (without otherClient.privateKey)`]],
    ['is not there', undefined, [`${OTHER} (without otherClient.privateKey)`]],
  ])('are skipped where the other client %s', (_what, otherClient, skipped) => {
    expect(skippedFor(signer, otherClient)).toEqual(skipped);
  });

  it('are skipped for a client without a key', () => {
    expect(skippedFor({ clientId: 'spa' })).toEqual([
      'refuses an assertion by another key, and leaves the code (without client.privateKey)',
      'refuses a client that has a key and sends no assertion (without client.privateKey)',
      'accepts an assertion once (without client.privateKey)',
    ]);
  });
});
