import { constants, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { OAuthError } from '../../lib';
import { createDpopVerifier } from '../../lib/dpop';
import {
  ALGORITHMS,
  base64url,
  client,
  goodClaims,
  goodHeader,
  prove,
  SIGNERS,
  TOKEN_ENDPOINT,
} from './support/prover';

jest.setTimeout(120_000);

const verifyDpop = createDpopVerifier({ algorithms: ALGORITHMS, replay: 'unchecked' });
const rsa = SIGNERS.RS256();

/** How the verifier ends: with a key, or with a refusal of the one kind. Whatever else it throws fails the test. */
async function endOf(proof: string): Promise<'verified' | 'refused'> {
  try {
    await verifyDpop({ proof, htm: 'POST', htu: TOKEN_ENDPOINT });
    return 'verified';
  } catch (thrown) {
    if (!(thrown instanceof OAuthError)) throw thrown;
    expect([thrown.error, thrown.error_description]).toEqual(['invalid_dpop_proof', 'The DPoP proof is invalid']);
    return 'refused';
  }
}

const good = prove();
const part = fc.oneof(
  fc.string(),
  fc.json().map(base64url),
  fc.constantFrom(...good.split('.')),
  fc.uint8Array({ maxLength: 70 }).map((bytes) => base64url(Buffer.from(bytes))),
);

it('Every text that is no proof is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
      const proof = parts.join('.');
      expect(await endOf(proof)).toBe(proof === good ? 'verified' : 'refused');
    }),
    { numRuns: 400 },
  );
});

it('Every proof with a character changed, removed or added is refused', async () => {
  expect(await endOf(good)).toBe('verified');
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: good.length - 1 }),
      fc.constantFrom('', 'A', 'B', '_', '-', '.', '=', ' ', '\0', 'é', 'AA'),
      fc.nat({ max: 1 }),
      async (index, put, cut) => {
        const proof = good.slice(0, index) + put + good.slice(index + cut);
        if (proof !== good) expect(await endOf(proof)).toBe('refused');
      },
    ),
    { numRuns: 400 },
  );
});

it.each(['typ', 'alg', 'jwk'])('For %s, only a valid value is accepted', async (name) => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      expect(await endOf(prove({ header: { [name]: value } }))).toBe('refused');
    }),
    { numRuns: 100 },
  );
});

it.each(['htm', 'htu', 'iat', 'exp', 'nbf', 'jti', 'nonce'])(
  'For %s, no value of any type causes a fault',
  async (name) => {
    const ends = ['verified', 'refused'];
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        expect(ends).toContain(await endOf(prove({ claims: { [name]: value } })));
      }),
      { numRuns: 100 },
    );
  },
);

it.each(Object.keys(client.jwk))('No value of any type for the %s of a key is a fault', async (name) => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => base64url(Buffer.from(bytes))),
  );
  await fc.assert(
    fc.asyncProperty(value, async (member) => {
      const proof = prove({ header: { jwk: { ...client.jwk, [name]: member } } });
      expect(await endOf(proof)).toBe(member === client.jwk[name] ? 'verified' : 'refused');
    }),
    { numRuns: 100 },
  );
});

it('No modulus and no RSA signature causes a fault', async () => {
  const bytes = fc.uint8Array({ minLength: 256, maxLength: 256, max: 255 }).map((made) => Buffer.from(made));
  await fc.assert(
    fc.asyncProperty(bytes, bytes, fc.constantFrom('RS256', 'PS256'), async (modulus, signature, alg) => {
      const n = base64url(Buffer.concat([Buffer.from([128 | Number(modulus[0])]), modulus.subarray(1)]));
      const proof = prove({ signer: rsa, header: { alg, jwk: { ...rsa.jwk, n } }, sign: () => signature });
      expect(await endOf(proof)).toBe('refused');
    }),
    { numRuns: 100 },
  );
});

it('A proof by a key of 4096 bits, which is the largest, is within all bounds', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 4096 });
  const signer = {
    ...rsa,
    alg: 'PS256' as const,
    jwk: publicKey.export({ format: 'jwk' }),
    sign: (text: string) =>
      sign('sha256', Buffer.from(text), {
        key: privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }),
  };
  expect(await endOf(prove({ signer }))).toBe('verified');
});

it('Members that are there twice are read as JSON.parse reads them: the last one counts', async () => {
  const { htu, ...claims } = goodClaims();
  const twice = (first: string, last: string) =>
    JSON.stringify(claims).replace('{', `{"htu":${JSON.stringify(first)},"htu":${JSON.stringify(last)},`);
  expect(await endOf(prove({ claimsText: twice('https://evil.example/', htu) }))).toBe('verified');
  expect(await endOf(prove({ claimsText: twice(htu, 'https://evil.example/') }))).toBe('refused');
  expect(await endOf(prove({ headerText: JSON.stringify(goodHeader()).replace('{', '{"alg":"none",') }))).toBe(
    'verified',
  );
});
