import Joi from 'joi';
import { ALGORITHMS, type Algorithm } from '../jws/algorithms';
import { describeMistake, describeUnknown, throwMistakes } from '../mistakes';
import { adapter, adviseOnAdapter } from '../options/adapters';
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
  /**
   * Requires a nonce in every proof. A secret of at least 32 bytes, or several: the first one makes nonces, all verify.
   * For no nonces, leave it out: `undefined` is refused. @default no nonces
   */
  nonceSecret?: NonceSecret | readonly NonceSecret[];
  /**
   * Marks a `jti` used until `expiresAt`, in one atomic step. Return `true` for its first use by this key, `false` for
   * all others. Required, unless you set `replay`.
   */
  consumeJti?: ((jti: DpopJti) => Awaitable<boolean>) | undefined;
  /**
   * `'unchecked'` instead of `consumeJti`: a proof can be used many times while it is fresh. @default proofs are used
   * once
   */
  replay?: 'unchecked' | undefined;
}

/** The options as the verifier uses them. */
export interface VerifierConfiguration {
  algorithms: ReadonlyMap<unknown, Algorithm>;
  maxAgeMs: number;
  nonces: DpopNonces | undefined;
  consumeJti: (jti: DpopJti) => Awaitable<unknown>;
}

const STORE = 'memoryJtis of express-token-router/memory has one';

/** What to write, by option. */
const ADVICE = {
  algorithms: `Write an array of one or more of ${NAMES.join(', ')}.`,
  maxAge: 'Write seconds, a whole number from 10 to 86400.',
  nonceSecret:
    'Write a string or Buffer of at least 32 bytes, as crypto.randomBytes(32) makes them, or an array of such secrets, the ' +
    'active one first. For no nonces, leave it out.',
  consumeJti: `({ jti, jkt, expiresAt }) => true for the first use, false for all others. ${STORE}`,
  replay: "Write 'unchecked', or leave it out.",
} satisfies Readonly<Record<keyof DpopVerifierOptions, string>>;

const schema = Joi.object({
  algorithms: Joi.array()
    .items(Joi.valid(...NAMES))
    .min(1),
  maxAge: Joi.number().integer().min(10).max(86_400),
  nonceSecret: Joi.any().custom((value, helpers) => (isNonceSecrets(value) ? value : helpers.error('any.invalid'))),
  consumeJti: adapter,
  replay: Joi.valid('unchecked'),
});

/**
 * Checks the options, once.
 *
 * @throws TypeError that lists every mistake and what to write instead.
 */
export function parseVerifierOptions(options: DpopVerifierOptions): VerifierConfiguration {
  throwMistakes('createDpopVerifier', [...listMistakes(options), ...listConflicts(options)]);

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
  return (error?.details ?? []).map(({ path, context }) => {
    const [name] = path;
    if (name === undefined) return describeMistake(['options'], context?.value, `Pass { ${OPTIONS.join(', ')} }.`);
    if (!isOption(name)) return describeUnknown(path, OPTIONS);
    const advice = name === 'consumeJti' ? adviseOnAdapter(name, context?.value, ADVICE[name]) : ADVICE[name];
    return describeMistake(path, context?.value, advice, {
      isSecret: name !== 'algorithms' && name !== 'maxAge',
    });
  });
}

const OPTIONS = Object.keys(ADVICE);

function isOption(name: string | number): name is keyof DpopVerifierOptions {
  return Object.hasOwn(ADVICE, name);
}

/** Working without a store, or without nonces, must be a decision of the host and never an oversight. */
function listConflicts(options: unknown): string[] {
  if (typeof options !== 'object' || options === null) return [];
  const given = options as Record<string, unknown>;
  const { consumeJti, replay } = given;
  const conflicts: [boolean, string][] = [
    // Otherwise a forgotten environment variable would switch off the nonces.
    [
      'nonceSecret' in given && given.nonceSecret === undefined,
      describeMistake(['nonceSecret'], undefined, ADVICE.nonceSecret),
    ],
    [
      consumeJti === undefined && replay === undefined,
      `consumeJti is ${'consumeJti' in given ? 'undefined' : 'missing'}. Write a function: ${ADVICE.consumeJti}. To let proofs be used again, write replay: 'unchecked'.`,
    ],
    [consumeJti !== undefined && replay !== undefined, 'consumeJti and replay are both there. Leave one of them out.'],
  ];
  return conflicts.flatMap(([isThere, line]) => (isThere ? [line] : []));
}

function isNonceSecrets(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every(isNonceSecret) : isNonceSecret(value);
}
