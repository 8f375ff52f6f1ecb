import Joi from 'joi';
import { ALGORITHMS, type Algorithm } from '../jws/algorithms';
import type { Awaitable, DpopJti } from '../types';
import { createDpopNonces, type DpopNonces, isNonceSecret, type NonceSecret } from './nonces';

/** The algorithms that a verifier can be told to accept. */
const NAMES = ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'Ed25519', 'EdDSA'] as const;

/** The name of an algorithm that proofs may be signed with. */
export type DpopAlgorithm = (typeof NAMES)[number];

/** The options of `createDpopVerifier`. */
export interface DpopVerifierOptions {
  /** The algorithms that proofs may be signed with. @default ['ES256'] */
  algorithms?: readonly DpopAlgorithm[] | undefined;
  /** Seconds, 10 to 86400, that a proof's `iat` may lie in the past. @default 300 */
  maxAge?: number | undefined;
  /** Requires a nonce of everyone. At least 32 bytes; or several secrets, the first of which makes. @default no nonces */
  nonceSecret?: NonceSecret | readonly NonceSecret[] | undefined;
  /** Marks a `jti` used in one atomic step, until `expiresAt`: `true` for its first use by a key, `false` for all others. */
  consumeJti?: ((jti: DpopJti) => Awaitable<boolean>) | undefined;
  /** `'unchecked'` instead of `consumeJti`: a proof can be used again and again while it is fresh. */
  replay?: 'unchecked' | undefined;
}

/** The options as the verifier works with them. */
export interface VerifierConfiguration {
  algorithms: ReadonlyMap<unknown, Algorithm>;
  maxAgeMs: number;
  nonces: DpopNonces | undefined;
  consumeJti: (jti: DpopJti) => Awaitable<unknown>;
}

/** What to write instead, by option. */
const HINTS = {
  algorithms: `algorithms must be an array of one or more of ${NAMES.join(', ')}`,
  maxAge: 'maxAge must be a whole number of seconds from 10 to 86400',
  nonceSecret:
    'nonceSecret must be a string or Buffer of at least 32 bytes, as crypto.randomBytes(32) makes them, or an array of ' +
    'one or more such secrets, the active one first',
  consumeJti:
    'consumeJti must be a function: ({ jti, jkt, expiresAt }) => true for the first use, false for all others; ' +
    "memoryJtis of express-token-router/memory has one; only replay: 'unchecked' does without",
  replay: "replay must be 'unchecked' where there is no consumeJti, and left out where there is one",
} satisfies Readonly<Record<keyof DpopVerifierOptions, string>>;

const schema = Joi.object({
  algorithms: Joi.array()
    .items(Joi.valid(...NAMES))
    .min(1),
  maxAge: Joi.number().integer().min(10).max(86_400),
  nonceSecret: Joi.any().custom((value, helpers) => (isNonceSecrets(value) ? value : helpers.error('any.invalid'))),
  consumeJti: Joi.function(),
  replay: Joi.valid('unchecked'),
});

/**
 * Checks the options, once.
 *
 * @throws TypeError that lists every mistake and what to write instead.
 */
export function parseVerifierOptions(options: DpopVerifierOptions): VerifierConfiguration {
  const mistakes = new Set([...listMistakes(options), ...listConflicts(options)]);
  if (mistakes.size > 0) throw new TypeError(`createDpopVerifier: ${[...mistakes].join('; ')}`);

  const { algorithms = ['ES256'], maxAge = 300, nonceSecret, consumeJti = () => true } = options;
  return {
    algorithms: new Map(algorithms.map((name) => [name, ALGORITHMS[name]])),
    maxAgeMs: maxAge * 1000,
    nonces: nonceSecret === undefined ? undefined : createDpopNonces(nonceSecret),
    consumeJti,
  };
}

function listMistakes(options: unknown): string[] {
  const { error } = schema.required().validate(options, { abortEarly: false, convert: false });
  return (error?.details ?? []).map(({ path: [name] }) => {
    if (name === undefined) return `pass an object with ${Object.keys(HINTS).join(', ')}`;
    return isOption(name)
      ? HINTS[name]
      : `there is no option ${name}: the options are ${Object.keys(HINTS).join(', ')}`;
  });
}

function isOption(name: string | number): name is keyof DpopVerifierOptions {
  return Object.hasOwn(HINTS, name);
}

/** To do without a store is the host's decision, never an oversight. */
function listConflicts(options: unknown): string[] {
  const { consumeJti, replay } = Object(options) as Record<string, unknown>;
  if (consumeJti === undefined && replay === undefined) return [HINTS.consumeJti];
  return consumeJti !== undefined && replay !== undefined ? [HINTS.replay] : [];
}

function isNonceSecrets(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every(isNonceSecret) : isNonceSecret(value);
}
