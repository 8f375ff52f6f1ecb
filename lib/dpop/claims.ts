import type { JsonObject } from '../jws/compact';
import { describeValue } from '../received';
import { CLOCK_LEEWAY_MS } from './clock';
import { normalizeHtu } from './htu';
import { invalidProof } from './refusals';

/** The claims of a proof (RFC 9449 §4.2), parsed but not yet verified. */
export interface Claims {
  jti: string;
  htm: string;
  htu: string;
  /** Seconds; a fraction is fine. */
  iat: number;
  exp: number | undefined;
  nbf: number | undefined;
  nonce: string | undefined;
}

/** Printable ASCII, which every store can hold. A UUID has 36 characters, so 256 are enough. */
const JTI = /^[\x20-\x7E]{1,256}$/;

/** Parses the claims, and checks their types. */
export function parseClaims({ jti, htm, htu, iat, exp, nbf, nonce }: JsonObject): Claims {
  if (typeof jti !== 'string' || !JTI.test(jti)) throw invalidProof('dpop_jti_malformed');
  return {
    jti,
    htm: parseString('htm', htm),
    htu: parseString('htu', htu),
    iat: parseNumber('iat', iat),
    exp: exp === undefined ? undefined : parseNumber('exp', exp),
    nbf: nbf === undefined ? undefined : parseNumber('nbf', nbf),
    nonce: nonce === undefined ? undefined : parseString('nonce', nonce),
  };
}

function parseString(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw invalidProof('dpop_claim_malformed', { cause: new TypeError(`The claim ${name} must be a string`) });
}

function parseNumber(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalidProof('dpop_claim_malformed', { cause: new TypeError(`The claim ${name} must be a finite number`) });
}

/**
 * Checks that the proof is for this request: the same method, and the same URL after normalization (RFC 9449 §4.3,
 * checks 8 and 9).
 */
export function checkRequest(claims: Claims, { htm, htu }: { htm: string; htu: string }): void {
  if (claims.htm !== htm) throw invalidProof('dpop_htm_mismatch');
  const expected = normalizeHtu(htu);
  if (expected === undefined)
    throw new TypeError(`htu is ${describeValue(htu)}. Pass the absolute http(s) URL of the endpoint`);
  const actual = claims.htu === htu ? expected : normalizeHtu(claims.htu);
  if (actual === expected) return;
  throw invalidProof(actual === undefined ? 'dpop_htu_malformed' : 'dpop_htu_mismatch', {
    cause: new Error(
      `The proof has the htu ${quote(claims.htu)}, expected was ${quote(expected)}. ` +
        'Where clients reach this endpoint under another URL, as behind a proxy, set tokenEndpoint to that URL',
    ),
  });
}

/** Makes a value of the request safe for a log: short, on one line, without control characters. */
function quote(text: string): string {
  const cut = text.length > 200 ? `${text.slice(0, 200)}...` : text;
  return JSON.stringify(cut).replace(/[^\x20-\x7E]/g, '?');
}

/** Checks `exp` and `nbf` if they are there. They are no claims of a proof, but keep their meaning (RFC 7519 §4.1). */
export function checkLifetime({ exp, nbf }: Claims, now: number): void {
  if (exp !== undefined && now >= exp * 1000 + CLOCK_LEEWAY_MS) throw invalidProof('dpop_proof_too_old');
  if (nbf !== undefined && now < nbf * 1000 - CLOCK_LEEWAY_MS) throw invalidProof('dpop_proof_too_new');
}
