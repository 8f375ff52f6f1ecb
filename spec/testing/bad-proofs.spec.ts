import { createPublicKey, verify } from 'node:crypto';
import { type BadProof, badProofs, createDpopProver } from '../../lib/testing';

const URL = 'https://auth.example/oauth/token';
const NOW = Date.UTC(2026, 10, 27, 12) / 1000;
const prover = createDpopProver();
const { jwk } = prover;

beforeEach(() => jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000));
afterEach(() => jest.restoreAllMocks());

const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());

/** The members in which one object differs from another; `undefined` where it lacks one. */
function differenceOf(found: Record<string, unknown>, good: Record<string, unknown>) {
  const names = [...new Set([...Object.keys(found), ...Object.keys(good)])];
  const differs = (name: string) => JSON.stringify(found[name]) !== JSON.stringify(good[name]);
  return Object.fromEntries(names.filter(differs).map((name) => [name, found[name]]));
}

/** In what a proof differs from a good one: in its header, its claims, its signature. */
function faultOf(proof: string, nonce: string | undefined) {
  const [head = '', payload = '', signature = ''] = proof.split('.');
  const [header, claims] = [parse(head), parse(payload)];
  const key = { key: createPublicKey({ key: jwk as never, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
  const isSigned = verify('sha256', Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'));
  const good = {
    jti: typeof claims.jti === 'string' ? claims.jti : 'any',
    htm: 'POST',
    htu: URL,
    iat: NOW,
    ...(nonce && { nonce }),
  };
  return {
    ...differenceOf(header, { typ: 'dpop+jwt', alg: 'ES256', jwk }),
    ...differenceOf(claims, good),
    ...(!isSigned && { signature: 'another' }),
  };
}

type Row = [name: string, reason: string, fault: object];

const ROWS: Row[] = [
  ['the typ of another JWT', 'dpop_type_wrong', { typ: 'JWT' }],
  ['no typ', 'dpop_type_wrong', { typ: undefined }],
  ['a critical extension', 'dpop_extension_unsupported', { crit: ['exp'] }],
  ['no signature, and alg none', 'dpop_algorithm_unsupported', { alg: 'none', signature: 'another' }],
  ['a symmetric algorithm', 'dpop_algorithm_unsupported', { alg: 'HS256' }],
  ['no key', 'dpop_key_malformed', { jwk: undefined }],
  ['a private key', 'dpop_key_private', { jwk: prover.privateKey.export({ format: 'jwk' }) }],
  ['a symmetric key', 'dpop_key_private', { jwk: { kty: 'oct', k: 'YSBzaGFyZWQgc2VjcmV0' } }],
  ['a key for encryption', 'dpop_key_unsuitable', { jwk: { ...jwk, use: 'enc' } }],
  ['a key of another type', 'dpop_key_unsuitable', { jwk: { crv: 'Ed25519', x: expect.any(String), kty: 'OKP' } }],
  ['the signature of another key', 'dpop_signature_wrong', { signature: 'another' }],
  ['a signature of other claims', 'dpop_signature_wrong', { signature: 'another' }],
  ['the method GET', 'dpop_htm_mismatch', { htm: 'GET' }],
  ['the method in small letters', 'dpop_htm_mismatch', { htm: 'post' }],
  ['no method', 'dpop_claim_malformed', { htm: undefined }],
  ['the URL of another endpoint', 'dpop_htu_mismatch', { htu: `${URL}/other` }],
  ['the URL of another server', 'dpop_htu_mismatch', { htu: 'https://attacker.example/oauth/token' }],
  ['a URL without a host', 'dpop_htu_malformed', { htu: '/oauth/token' }],
  ['no URL', 'dpop_claim_malformed', { htu: undefined }],
  ['no jti', 'dpop_jti_malformed', { jti: undefined }],
  ['a jti that is a number', 'dpop_jti_malformed', { jti: 1 }],
  ['no iat', 'dpop_claim_malformed', { iat: undefined }],
  ['an iat that is a string', 'dpop_claim_malformed', { iat: String(NOW) }],
  ['an exp in the past', 'dpop_proof_too_old', { exp: NOW - 60 }],
  ['an nbf in the future', 'dpop_proof_too_new', { nbf: NOW + 120 }],
];
const BY_CLOCK: Row[] = [
  ['an old proof', 'dpop_proof_too_old', { iat: NOW - 360 }],
  ['a proof from tomorrow', 'dpop_proof_too_new', { iat: NOW + 86_400 }],
];
const BY_NONCE: Row[] = [
  ['no nonce', 'dpop_nonce_missing', { nonce: undefined }],
  ['a nonce of another server', 'dpop_nonce_stale', { nonce: 'YSBub25jZSBvZiBhbm90aGVyIHNlcnZlcg' }],
];
/** What is no single JWT. */
const TEXTS = [
  ['a word', 'dpop_proof_malformed', /^proof$/],
  ['two parts of a proof', 'dpop_proof_malformed', /^eyJ[\w-]{50,}\.eyJ[\w-]{50,}$/],
  ['a proof of 9000 characters', 'dpop_proof_too_large', /^[\w-]+\.[\w-]{12000,}\.[\w-]+$/],
  ['two proofs in one field', 'dpop_proof_repeated', /^[\w-]+(?:\.[\w-]+){2}, [\w-]+(?:\.[\w-]+){2}$/],
] as const;

const outcomeOf = ({ name, status, error, reason }: BadProof) => ({ name, status, error, reason });
const toOutcome = (error: string) => (row: readonly [string, string, unknown]) => ({
  name: row[0],
  status: 400,
  error,
  reason: row[1],
});

describe('badProofs', () => {
  it('are refused as invalid, and those that lack the nonce are challenged', () => {
    const rows = [...TEXTS, ...ROWS].map(toOutcome('invalid_dpop_proof'));
    expect(badProofs(prover, { tokenEndpoint: URL }).map(outcomeOf)).toEqual([
      ...rows,
      ...BY_CLOCK.map(toOutcome('invalid_dpop_proof')),
    ]);
    expect(badProofs(prover, { tokenEndpoint: URL, nonces: true }).map(outcomeOf)).toEqual([
      ...rows,
      ...BY_NONCE.map(toOutcome('use_dpop_nonce')),
    ]);
  });

  const proofOf = (name: string, nonces: boolean, nonce?: string) =>
    String(
      badProofs(prover, { tokenEndpoint: URL, nonces })
        .find((row) => row.name === name)
        ?.proof(nonce),
    );

  it.each([...ROWS, ...BY_CLOCK])('differ from a good proof in one thing: %s', (name, _reason, fault) => {
    expect(faultOf(proofOf(name, false, 'a nonce'), 'a nonce')).toEqual(fault);
    expect(faultOf(proofOf(name, false), undefined)).toEqual(fault);
  });

  it.each(BY_NONCE)('differ from a good proof in the nonce: %s', (name, _reason, fault) => {
    expect(faultOf(proofOf(name, true, 'a nonce'), 'a nonce')).toEqual(fault);
  });

  it.each(TEXTS)('are what is no proof: %s', (name, _reason, pattern) => {
    expect(proofOf(name, false)).toMatch(pattern);
  });

  it('have a jti of their own each time', () => {
    const jtis = [1, 2].map(() => parse(String(proofOf('no signature, and alg none', false).split('.')[1])).jti);
    expect(jtis[0]).not.toBe(jtis[1]);
  });

  it('have a signature of the same key where it is one of other claims', () => {
    const signature = Buffer.from(String(proofOf('a signature of other claims', false).split('.')[2]), 'base64url');
    const key = { key: createPublicKey(prover.privateKey), dsaEncoding: 'ieee-p1363' as const };
    expect(verify('sha256', Buffer.from('other claims'), key, signature)).toBe(true);
  });

  it.each(['ES384', 'RS256'] as const)('have a signature of another key that is one by %s', (alg) => {
    const other = createDpopProver({ alg });
    const row = badProofs(other, { tokenEndpoint: URL }).find(({ name }) => name === 'the signature of another key');
    const [wrong, right] = [row?.proof(), other.proof({ htu: URL })].map((proof) => String(proof).split('.')[2]);
    expect(wrong).toHaveLength(Number(right?.length));
  });

  it.each(['EdDSA', 'Ed25519', 'RS256'] as const)('have a key on P-256 where the prover uses %s', (alg) => {
    const other = createDpopProver({ alg });
    const row = badProofs(other, { tokenEndpoint: URL }).find(({ name }) => name === 'a key of another type');
    expect(parse(String(row?.proof().split('.')[0])).jwk).toMatchObject({ kty: 'EC', crv: 'P-256' });
  });
});
