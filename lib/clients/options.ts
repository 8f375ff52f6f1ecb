import type { Request } from 'express';
import Joi from 'joi';
import { ALGORITHMS, type AlgorithmName } from '../jws/algorithms';
import { describeMistake, describeUnknown, throwMistakes } from '../mistakes';
import { adapter, adviseOnAdapter, orFunction, plainAdapter } from '../options/adapters';
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

/** The options as the verification of assertions uses them. */
export interface AssertionConfiguration {
  audience: UrlOption;
  /** Whether the token endpoint may be the audience as well. */
  isCompat: boolean;
  tokenEndpoint: UrlOption;
  consumeJti: (jti: AssertionJti) => Awaitable<unknown>;
  algorithms: readonly AlgorithmName[];
}

/** The options as the authentication uses them. */
export interface ClientAuthenticationConfiguration extends AssertionConfiguration {
  findClient: (clientId: string, req: Request) => Awaitable<RegisteredClient | null | undefined>;
  methods: readonly ClientAuthenticationMethod[];
  fetch: FetchDocument;
}

const METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
const NAMES = Object.keys(ALGORITHMS) as AlgorithmName[];

/** What each function does. */
const USAGE: Readonly<Record<string, string>> = {
  findClient: '(clientId, req) => the client, or null',
  consumeJti:
    '({ jti, jkt, expiresAt }) => true for the first use, false for all others. Every store of this package has one',
  isAllowedAddress: '(address, port) => true or false, at once',
  fetch: '(url, { headers, redirect, signal }) => the response, like the global fetch',
} satisfies Partial<Record<keyof ClientAuthenticationOptions, string>>;

/** What to write instead of any other option. */
const OTHERS: Readonly<Record<string, string>> = {
  methods: `Write an array of one or more of ${METHODS.join(', ')}.`,
  audience: "Write your issuer identifier, such as 'https://auth.example', or (req) => that text, at once.",
  assertionAudience: "Write 'issuer' or 'compat'.",
  tokenEndpoint:
    "Write the public URL of the endpoint, such as 'https://auth.example/oauth/token', or (req) => that URL.",
  algorithms: `Write an array of one or more of ${NAMES.join(', ')}.`,
} satisfies Partial<Record<keyof ClientAuthenticationOptions, string>>;

const FETCH_OPTIONS = ['isAllowedAddress', 'fetch'] satisfies (keyof FetchOptions)[];
const OPTIONS = ['findClient', ...Object.keys(OTHERS), 'consumeJti', ...FETCH_OPTIONS];

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
    ...listMistakes(schema, OPTIONS, options),
    ...(Object(options) === options ? listMissing(options as Partial<ClientAuthenticationOptions>) : []),
  ]);
  const { findClient, methods = METHODS, assertionAudience, algorithms = NAMES } = options;
  // These are always there if private_key_jwt is served, and the token endpoint with `compat`.
  const { audience, tokenEndpoint, consumeJti } = options as Pick<
    AssertionConfiguration,
    'audience' | 'tokenEndpoint' | 'consumeJti'
  >;
  return {
    findClient,
    methods: Object.freeze([...methods]),
    audience,
    isCompat: assertionAudience === 'compat',
    tokenEndpoint,
    consumeJti,
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
    ...listMistakes(Joi.object(fetchSchema), FETCH_OPTIONS, options),
    ...listConflicts(options),
  ]);
  return { fetch: fetchOf(options) };
}

function fetchOf({ fetch, isAllowedAddress }: FetchOptions): FetchDocument {
  return fetch ?? createHttpsFetch({ isAllowedAddress });
}

/** Options that need another one, or do nothing without it. */
function listMissing({ methods = METHODS, assertionAudience, ...options }: Partial<ClientAuthenticationOptions>) {
  const { audience, consumeJti, tokenEndpoint } = options;
  const servesAssertions = Array.isArray(methods) && methods.includes('private_key_jwt');
  const isCompat = assertionAudience === 'compat';
  const missing = (name: string, by: string) =>
    describeMistake([name], undefined, `${by} needs it. ${adviseOn(name, undefined)}`);
  return [
    ...(servesAssertions && audience === undefined ? [missing('audience', 'private_key_jwt in methods')] : []),
    ...(servesAssertions && consumeJti === undefined ? [missing('consumeJti', 'private_key_jwt in methods')] : []),
    ...(isCompat && tokenEndpoint === undefined ? [missing('tokenEndpoint', "assertionAudience: 'compat'")] : []),
    ...(!isCompat && tokenEndpoint !== undefined
      ? ["tokenEndpoint does nothing without assertionAudience: 'compat'. Leave it out."]
      : []),
    ...listConflicts(options),
  ];
}

function listConflicts(options: FetchOptions): string[] {
  const { fetch, isAllowedAddress } = Object(options) as FetchOptions;
  const isBoth = fetch !== undefined && isAllowedAddress !== undefined;
  return isBoth ? ['isAllowedAddress does nothing beside fetch. Leave one of them out.'] : [];
}

function listMistakes(joi: Joi.ObjectSchema, names: readonly string[], options: unknown): string[] {
  const { error } = joi.required().validate(options, { abortEarly: false, convert: false });
  return (error?.details ?? []).map(({ path, context }) => {
    const [name] = path;
    if (name === undefined) return describeMistake(['options'], options, `Pass an object with ${names.join(', ')}.`);
    if (!names.includes(String(name))) return describeUnknown(path, names);
    const isSecret = Object.hasOwn(USAGE, name);
    return describeMistake(path, context?.value, adviseOn(String(name), context?.value), { isSecret });
  });
}

function adviseOn(name: string, value: unknown): string {
  const usage = USAGE[name];
  return usage === undefined ? String(OTHERS[name]) : adviseOnAdapter(name, value, usage);
}
