import type { Request } from 'express';
import Joi from 'joi';
import { ALGORITHMS, type AlgorithmName } from '../jws/algorithms';
import { adapter, adviseOnAdapter, isAdapter, orFunction, plainAdapter } from '../options/adapters';
import { describeKind, describeValue } from '../received';
import type { Awaitable } from '../types';
import { createHttpsFetch } from './https';
import type {
  AssertionJti,
  ClientAuthenticationMethod,
  ClientAuthenticationOptions,
  FetchDocument,
  FetchOptions,
  RegisteredClient,
} from './types';

type UrlOption = string | ((req: Request) => string);

/** What the verification of assertions works with. */
export interface AssertionConfiguration {
  audience: UrlOption;
  assertionAudience: 'issuer' | 'compat';
  /** Empty, and never looked at, without `compat`. */
  tokenEndpoint: UrlOption;
  consumeJti: (jti: AssertionJti) => Awaitable<unknown>;
  algorithms: readonly AlgorithmName[];
}

/** The options as the authentication works with them. */
export interface ClientAuthenticationConfiguration extends AssertionConfiguration {
  findClient: (clientId: string, req: Request) => Awaitable<RegisteredClient | null | undefined>;
  methods: readonly ClientAuthenticationMethod[];
  fetch: FetchDocument;
}

const METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
const NAMES = Object.keys(ALGORITHMS) as AlgorithmName[];

const FETCH_HINTS = {
  isAllowedAddress: 'isAllowedAddress must be a function that answers at once: (address, port) => true or false',
  fetch: 'fetch must be a function like the global one: (url, { headers, redirect, signal }) => the response',
} satisfies Readonly<Record<keyof FetchOptions, string>>;

const HINTS = {
  findClient: 'findClient must be a function: (clientId, req) => the client, or null',
  methods: `methods must be an array of one or more of ${METHODS.join(', ')}`,
  audience:
    'audience must be your issuer identifier, such as https://auth.example, or (req) => that text (private_key_jwt needs it). ' +
    'If no client uses private_key_jwt, leave that out of methods',
  assertionAudience: "assertionAudience must be 'issuer' or 'compat'",
  tokenEndpoint:
    "tokenEndpoint must be the public URL of the endpoint, or (req) => that URL (assertionAudience: 'compat' needs it, and nothing else does)",
  consumeJti:
    'consumeJti must be a function: ({ jti, jkt, expiresAt }) => true for the first use, false for all others (every store ' +
    'of this package has one, private_key_jwt needs it)',
  algorithms: `algorithms must be an array of one or more of ${NAMES.join(', ')}`,
  ...FETCH_HINTS,
} satisfies Readonly<Record<keyof ClientAuthenticationOptions, string>>;

const url = orFunction(Joi.string(), plainAdapter);
const fetchSchema = { isAllowedAddress: plainAdapter, fetch: adapter };
const schema = Joi.object({
  findClient: adapter.required(),
  methods: Joi.array()
    .items(Joi.valid(...METHODS))
    .min(1),
  audience: url,
  assertionAudience: Joi.valid('issuer', 'compat'),
  tokenEndpoint: url,
  consumeJti: adapter,
  algorithms: Joi.array()
    .items(Joi.valid(...NAMES))
    .min(1),
  ...fetchSchema,
});

/**
 * Checks the options of `createClientAuthentication`, once.
 *
 * @throws TypeError that lists every mistake and what to write instead.
 */
export function parseAuthenticationOptions<Registered extends RegisteredClient>(
  options: ClientAuthenticationOptions<Registered>,
): ClientAuthenticationConfiguration {
  throwMistakes('createClientAuthentication', [
    ...listMistakes(schema, HINTS, options),
    ...listMissing(Object(options) as Partial<ClientAuthenticationOptions>),
  ]);
  const { findClient, methods = METHODS, assertionAudience = 'issuer', algorithms = NAMES } = options;
  const { audience = '', tokenEndpoint = '', consumeJti } = options;
  return {
    findClient,
    methods: Object.freeze([...methods]),
    audience,
    assertionAudience,
    tokenEndpoint,
    // It is there wherever private_key_jwt is served.
    consumeJti: consumeJti as AssertionConfiguration['consumeJti'],
    algorithms: Object.freeze([...algorithms]),
    fetch: fetchOf(options),
  };
}

/**
 * Checks the options of `createClientMetadataResolver`, once.
 *
 * @throws TypeError that lists every mistake and what to write instead.
 */
export function parseFetchOptions(options: FetchOptions): { fetch: FetchDocument } {
  throwMistakes('createClientMetadataResolver', [
    ...listMistakes(Joi.object(fetchSchema), FETCH_HINTS, options),
    ...listConflicts(options),
  ]);
  return { fetch: fetchOf(options) };
}

function fetchOf({ fetch, isAllowedAddress }: FetchOptions): FetchDocument {
  return fetch ?? createHttpsFetch({ isAllowedAddress });
}

function throwMistakes(where: string, mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw new TypeError(`${where}: ${[...new Set(mistakes)].join('; ')}`);
}

function listMissing({ methods = METHODS, assertionAudience, ...options }: Partial<ClientAuthenticationOptions>) {
  const { audience, consumeJti, tokenEndpoint } = options;
  const servesAssertions = Array.isArray(methods) && methods.includes('private_key_jwt');
  return [
    ...(servesAssertions && audience === undefined ? [HINTS.audience] : []),
    ...(servesAssertions && consumeJti === undefined ? [HINTS.consumeJti] : []),
    ...((assertionAudience === 'compat') === (tokenEndpoint === undefined) ? [HINTS.tokenEndpoint] : []),
    ...listConflicts(options),
  ];
}

function listConflicts(options: FetchOptions): string[] {
  const { fetch, isAllowedAddress } = Object(options) as FetchOptions;
  const isBoth = fetch !== undefined && isAllowedAddress !== undefined;
  return isBoth ? ['isAllowedAddress is not asked where there is a fetch: leave one of the two out'] : [];
}

function listMistakes(joi: Joi.ObjectSchema, hints: Readonly<Record<string, string>>, options: unknown): string[] {
  const { error } = joi.required().validate(options, { abortEarly: false, convert: false });
  return (error?.details ?? []).map(({ path: [name] }) => {
    if (name === undefined) return `pass an object with ${Object.keys(hints).join(', ')}`;
    const hint = hints[name];
    if (hint === undefined) return `there is no option ${name}: the options are ${Object.keys(hints).join(', ')}`;
    const value: unknown = (options as Record<string, unknown>)[name];
    if (value === undefined) return hint;
    const call =
      typeof value === 'function' && !isAdapter(value) ? `. ${adviseOnAdapter(String(name), value, 'its method')}` : '';
    return `${hint} (received ${describe(value)})${call.replace(/\.$/, '')}`;
  });
}

const describe = (value: unknown) => (typeof value === 'string' ? describeValue(value) : describeKind(value));
