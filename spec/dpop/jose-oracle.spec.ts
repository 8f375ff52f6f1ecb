import { execFileSync } from 'node:child_process';
import { sign as signWith } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { OAuthError } from '../../lib';
import { createDpopVerifier } from '../../lib/dpop';
import {
  ALGORITHMS,
  base64url,
  goodClaims,
  goodHeader,
  SIGNERS,
  type Signer,
  seconds,
  TOKEN_ENDPOINT,
} from './support/prover';

jest.setTimeout(120_000);

const MAX_AGE = 300;
const PROOFS = 1500;
const verifyDpop = createDpopVerifier({ algorithms: ALGORITHMS, replay: 'unchecked', maxAge: MAX_AGE });

/** What we say of a proof: the thumbprint of its key, or why not. */
async function judge(proof: string): Promise<{ jkt: string } | { reason: string }> {
  try {
    return await verifyDpop({ proof, htm: 'POST', htu: TOKEN_ENDPOINT });
  } catch (thrown) {
    if (thrown instanceof OAuthError) return { reason: thrown.reason };
    throw thrown;
  }
}

/** What jose says of each: the thumbprint of its key, or `null`. */
function askJose(proofs: readonly string[]): (string | null)[] {
  const rules = { algorithms: ALGORITHMS, htm: 'POST', htu: TOKEN_ENDPOINT, maxTokenAge: MAX_AGE, clockTolerance: 10 };
  const script = join(__dirname, 'clients/jose.mjs');
  const input = JSON.stringify({ rules, proofs });
  return JSON.parse(execFileSync(process.execPath, [script], { input, encoding: 'utf8', maxBuffer: 1e8 }));
}

const signers = ALGORITHMS.map((alg) => SIGNERS[alg]());
const others = ALGORITHMS.map((alg) => SIGNERS[alg]());

/** One thing that is changed of a good proof, or none. The names are what a disagreement is explained by. */
type Change =
  | { of: 'nothing' }
  | { of: 'header' | 'claims' | 'jwk'; name: string; value: unknown }
  | { of: 'signature'; how: 'flipped' | 'cut' | 'lengthened' | 'empty' | 'of another key' | 'DER' | 'zeros' }
  | { of: 'text'; how: string };

const value = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 0, 1, true, [], {}),
  fc.jsonValue({ maxDepth: 1 }),
);
const named = <Of extends 'header' | 'claims' | 'jwk'>(of: Of, name: string, ...values: unknown[]) =>
  fc.oneof(fc.constantFrom(...values), value).map((each) => ({ of, name, value: each }));

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.constant<Change>({ of: 'nothing' }),
  named('header', 'typ', 'DPoP+JWT', 'application/dpop+jwt', 'APPLICATION/dpop+jwt', 'dpop+jwt ', 'jwt', 'x/dpop+jwt'),
  named('header', 'alg', ...ALGORITHMS, 'none', 'HS256', 'ES256K', 'es256', 'RS384', 'PS512', 'RSA-OAEP'),
  named('header', 'crit', ['exp'], ['b64'], ['x']),
  named('header', 'b64', true, false),
  named('header', 'kid', 'a'),
  named('header', 'x5c', ['a']),
  named('jwk', 'kty', 'EC', 'RSA', 'OKP', 'oct', 'AKP', 'ec'),
  named('jwk', 'crv', 'P-256', 'P-384', 'P-521', 'Ed25519', 'Ed448', 'X25519', 'secp256k1'),
  named('jwk', 'use', 'sig', 'enc'),
  named('jwk', 'key_ops', ['verify'], ['sign'], ['verify', 'sign'], ['verify', 'verify'], ['encrypt']),
  named('jwk', 'alg', ...ALGORITHMS, 'HS256'),
  named('jwk', 'ext', true, false),
  named('jwk', 'd', 'AAAA'),
  named('jwk', 'k', 'AAAA'),
  named('jwk', 'x', 'AAAA', 'A'.repeat(43), 'A'.repeat(86)),
  named('jwk', 'y', 'AAAA', 'A'.repeat(43)),
  named('jwk', 'n', 'AAAA', 'A'.repeat(342), `${'_'.repeat(342)}`),
  named('jwk', 'e', 'AQAB', 'Aw', 'AAEAAQ', 'AQ'),
  named('claims', 'jti', 'a', ' ', 'a'.repeat(256), 'a'.repeat(257), 'ü', '\0'),
  named('claims', 'htm', 'POST', 'post', 'GET'),
  named(
    'claims',
    'htu',
    TOKEN_ENDPOINT,
    `${TOKEN_ENDPOINT}?a`,
    'https://AUTH.example:443/oauth/token',
    'https://other.example/',
  ),
  fc.constantFrom(-1e9, -1000, -320, -305, -295, -0.5, 0, 5, 30, 55, 70, 1e9, 1e300).map((ahead) => ({
    of: 'claims' as const,
    name: 'iat',
    value: seconds() + ahead,
  })),
  named('claims', 'iat', '1'),
  fc
    .tuple(fc.constantFrom('exp', 'nbf'), fc.constantFrom(-1e9, -1000, 1000, 1e9))
    .map(([name, ahead]) => ({ of: 'claims' as const, name, value: seconds() + ahead })),
  named('claims', 'exp', '1'),
  named('claims', 'nbf', '1'),
  named('claims', 'nonce', 'a'),
  named('claims', 'aud', 'a', ['a']),
  named('claims', 'iss', 'a'),
  fc
    .constantFrom('flipped', 'cut', 'lengthened', 'empty', 'of another key', 'DER', 'zeros')
    .map((how) => ({ of: 'signature' as const, how }) as Change),
  fc
    .constantFrom(
      '=',
      ' ',
      '\n',
      '.',
      '.a',
      'end bits',
      'blank before',
      'no signature',
      'json array',
      'duplicate member',
    )
    .map((how) => ({ of: 'text' as const, how })),
);

const flip = (bytes: Buffer) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1);
  return copy;
};

/** The signature that a change asks for. */
function signAs(index: number, signed: string, how: string): Buffer {
  const signer = signers[index] as Signer;
  const good = signer.sign(signed);
  if (how === 'flipped') return flip(good);
  if (how === 'cut') return good.subarray(1);
  if (how === 'lengthened') return Buffer.concat([good, Buffer.from([0])]);
  if (how === 'empty') return Buffer.alloc(0);
  if (how === 'zeros') return Buffer.alloc(good.length);
  if (how === 'of another key') return (others[index] as Signer).sign(signed);
  if (how === 'DER' && signer.jwk.kty === 'EC') return signWith('sha256', Buffer.from(signed), signer.privateKey);
  return good;
}

/** Another last character that decodes to the same bytes, where base64url has one. */
function withOtherEndBits(text: string): string {
  const same = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    .map((last) => text.slice(0, -1) + last)
    .find((other) => other !== text && Buffer.from(other, 'base64url').equals(Buffer.from(text, 'base64url')));
  return same ?? text;
}

function make(index: number, changes: readonly Change[]): string {
  const signer = signers[index] as Signer;
  const parts: Record<'header' | 'claims' | 'jwk', Record<string, unknown>> = {
    header: { ...goodHeader(signer) },
    claims: goodClaims(),
    jwk: { ...signer.jwk },
  };
  let signature = 'good';
  const texts: string[] = [];
  for (const each of changes) {
    if (each.of === 'signature') signature = each.how;
    else if (each.of === 'text') texts.push(each.how);
    else if (each.of !== 'nothing') parts[each.of][each.name] = each.value;
  }
  let claims = JSON.stringify(parts.claims);
  if (texts.includes('json array')) claims = `[${claims}]`;
  if (texts.includes('duplicate member')) claims = claims.replace('{', '{"htm":"GET",');
  const header = JSON.stringify({ ...parts.header, jwk: parts.jwk });
  const signed = `${base64url(header)}.${base64url(claims)}`;
  const bytes = base64url(signAs(index, signed, signature));
  let proof = `${signed}.${bytes}`;
  if (texts.includes('end bits')) proof = `${signed}.${withOtherEndBits(bytes)}`;
  if (texts.includes('no signature')) proof = signed;
  if (texts.includes('blank before')) proof = ` ${proof}`;
  for (const end of ['=', ' ', '\n', '.', '.a']) if (texts.includes(end)) proof += end;
  return proof;
}

type Explanation = readonly [
  reason: string | undefined,
  rule: string,
  applies: (changes: readonly Change[]) => boolean,
];

const changes = (of: string, name: string) => (all: readonly Change[]) =>
  all.some((each) => each.of === of && ('name' in each ? each.name : 'how' in each && each.how) === name);

const namesVerifyOnce = (all: readonly Change[]) =>
  all.some((each) => {
    if (!('name' in each) || each.name !== 'key_ops' || !Array.isArray(each.value)) return false;
    return each.value.includes('verify') && new Set(each.value).size === each.value.length;
  });

/** Why we refuse what jose takes: each a rule of an RFC that jose leaves to its caller. */
const STRICTER: readonly Explanation[] = [
  [
    'dpop_jti_malformed',
    'RFC 9449 §11.1: a store keeps the jti, so it is bounded and printable',
    changes('claims', 'jti'),
  ],
  [
    'dpop_extension_unsupported',
    'RFC 7797 §6: b64 belongs into crit, and no extension is known',
    changes('header', 'b64'),
  ],
  ['dpop_claim_malformed', 'RFC 9449 §4.2: nonce is a string', changes('claims', 'nonce')],
  ['dpop_key_private', 'RFC 9449 §4.3, check 7: no private or symmetric member of any kind', changes('jwk', 'd')],
  ['dpop_key_private', 'RFC 9449 §4.3, check 7: no private or symmetric member of any kind', changes('jwk', 'k')],
  ['dpop_key_unsuitable', 'RFC 7517 §4.3: key_ops names what the key is for', changes('jwk', 'key_ops')],
  ['dpop_key_unsuitable', 'RFC 7517 §4.1: a key of RSA has no crv', changes('jwk', 'crv')],
  ['dpop_key_size', 'RFC 7518 §2: e is written in as few octets as it needs', changes('jwk', 'e')],
  ['dpop_key_malformed', 'RFC 8032 §5.1.7: a point of small order verifies what anybody made', changes('jwk', 'x')],
  [
    'dpop_proof_too_old',
    'RFC 9449 §11.1: no leeway beyond the age that is allowed; jose adds its tolerance',
    changes('claims', 'iat'),
  ],
  ['dpop_proof_malformed', 'RFC 4648 §3.5: bytes have one spelling', changes('text', 'end bits')],
  ['dpop_proof_malformed', 'RFC 7515 §2: base64url has no line breaks and no white space', changes('text', '\n')],
  ['dpop_proof_malformed', 'RFC 7515 §2: base64url has no line breaks and no white space', changes('text', ' ')],
  [
    'dpop_proof_malformed',
    'RFC 7515 §2: base64url has no line breaks and no white space',
    changes('text', 'blank before'),
  ],
];

/** Why we take what jose refuses. */
const LAXER: readonly Explanation[] = [
  [
    undefined,
    'RFC 7517 §4: members that are not understood are ignored; ext is of the Web Crypto API',
    changes('jwk', 'ext'),
  ],
  [undefined, 'RFC 7517 §4.3: key_ops names verify, and each operation once; others do no harm', namesVerifyOnce],
  [undefined, 'RFC 9449 §4.3, check 9: htu is compared without query, in normal form', changes('claims', 'htu')],
  [
    undefined,
    'RFC 9449 §11.1: an iat may be somewhat ahead; here 60 s, at jose the tolerance of 10 s',
    changes('claims', 'iat'),
  ],
  [undefined, 'RFC 7519 §4.1.3: aud is for its issuer to mean; RFC 9449 §4.2 knows none', changes('claims', 'aud')],
  [
    undefined,
    'RFC 7518 §3, RFC 9864: EdDSA with this key is Ed25519, and so is the key that says so',
    changes('jwk', 'alg'),
  ],
];

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test(`jose and we agree on ${PROOFS} generated proofs, and each disagreement is a rule of an RFC (SEED=${seed})`, async () => {
  const cases = fc.sample(
    fc.tuple(fc.nat({ max: signers.length - 1 }), fc.array(change, { minLength: 1, maxLength: 2 })),
    { numRuns: PROOFS, seed },
  );
  const proofs = cases.map(([index, all]) => make(index, all));
  const answers = askJose(proofs);
  const unexplained: string[] = [];
  const count = { verified: 0, refused: 0 };
  for (const [nth, [, all]] of cases.entries()) {
    const ours = await judge(proofs[nth] as string);
    const theirs = answers[nth];
    if ('jkt' in ours) count.verified += 1;
    else count.refused += 1;
    if ('jkt' in ours ? ours.jkt === theirs : theirs === null) continue;
    const reason = 'reason' in ours ? ours.reason : undefined;
    const rules = reason === undefined ? LAXER : STRICTER;
    // Two verified it by two keys: nothing explains that.
    const isExplained = rules.some(([wanted, , applies]) => wanted === reason && applies(all));
    if (isExplained && !('jkt' in ours && theirs)) continue;
    unexplained.push(
      `${reason ?? 'verified'} here, ${theirs ? 'verified' : 'refused'} by jose: ${JSON.stringify(all)}`,
    );
  }
  expect(unexplained).toEqual([]);
  // A generator that makes only one kind of them would prove nothing.
  expect(count.verified).toBeGreaterThan(PROOFS / 10);
  expect(count.refused).toBeGreaterThan(PROOFS / 10);
});

test('jose and we verify a good proof by each algorithm, with one thumbprint', async () => {
  const proofs = ALGORITHMS.map((_alg, index) => make(index, [{ of: 'nothing' }]));
  const ours = await Promise.all(proofs.map(judge));
  expect(ours).toEqual(askJose(proofs).map((jkt) => expect.objectContaining({ jkt })));
});
