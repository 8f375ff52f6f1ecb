import { types } from 'node:util';
import Joi from 'joi';
import { ERROR_STATUS, FIXED_STATUS } from '../errors';
import { isEndpointUrl } from '../grants/confirmation';
import { OWN_PARAMETERS, RESERVED_PARAMETERS } from '../http/parameters';
import type { Path } from '../mistakes';
import type { EndpointOptionName, TokenRouterOptions } from '../types';
import { adapter, orFunction, plainAdapter } from './adapters';
import { isOrigin } from './origins';
import { MAX_TIMER_MS, rateLimitSchema } from './rate-limit';

const BYTES = /^[1-9]\d{0,8}(?:b|kb|mb)?$/i;
/** RFC 6749 §8.2: param-name. */
const PARAMETER = /^[\w.-]+$/;
/** RFC 6749, appendix A.10: a name, or a URI. */
const GRANT_TYPE = /^[\w.~:/?#[\]@!$&'()*+,;=%-]+$/;
const PLAIN_PATH = /^(?:\/[\w.~-]+)+\/?$|^\/$/;

const status = Joi.number().integer().min(400).max(499);
const count = Joi.number().integer().min(1);
const textThat = (isSound: (text: string) => boolean) =>
  Joi.string().custom((text, helpers) => (isSound(text) ? text : helpers.error('any.invalid')));

function namesExcept(taken: ReadonlySet<string>) {
  return Joi.array()
    .unique()
    .items(
      Joi.string()
        .pattern(PARAMETER)
        .invalid(...taken),
    );
}

/** What each option of every endpoint may be. */
export const ENDPOINT_OPTIONS = {
  authenticateClient: adapter,
  path: Joi.string().pattern(PLAIN_PATH),
  allowedOrigins: orFunction(Joi.array().items(textThat(isOrigin))),
  rateLimit: rateLimitSchema,
  bodyLimit: Joi.alternatives(Joi.number().integer().min(1), Joi.string().pattern(BYTES)),
  bodyTimeout: count.max(MAX_TIMER_MS),
  adapterTimeout: count,
  maxInFlight: count,
  maxInFlightPerAddress: count,
  errorStatus: Joi.object(
    Object.fromEntries(
      Object.keys(ERROR_STATUS).map((error) => [
        error,
        FIXED_STATUS.some((fixed) => fixed === error) ? Joi.forbidden() : status,
      ]),
    ),
  ),
  onOutcome: adapter,
} satisfies Readonly<Record<EndpointOptionName, Joi.Schema>>;

/** What each option of the token endpoint may be. */
const OPTIONS = {
  findCode: adapter.required(),
  consumeCode: adapter.required(),
  issueTokens: adapter.required(),
  revokeTokens: adapter,
  refresh: Joi.object({
    findRefreshToken: adapter.required(),
    consumeRefreshToken: adapter.required(),
    revokeTokens: adapter,
    rotates: adapter,
    leeway: Joi.number().integer().min(0).max(60_000),
  }),
  parameters: namesExcept(RESERVED_PARAMETERS),
  grants: Joi.object().pattern(
    Joi.string().pattern(GRANT_TYPE).invalid('authorization_code', 'refresh_token'),
    Joi.object({
      issueTokens: adapter.required(),
      parameters: namesExcept(OWN_PARAMETERS),
      allowPublic: Joi.boolean(),
    }),
  ),
  verifyDpop: adapter,
  tokenEndpoint: orFunction(textThat(isEndpointUrl), plainAdapter),
  requireDpop: Joi.boolean(),
  actTimeout: count,
  ...ENDPOINT_OPTIONS,
} satisfies Readonly<Record<keyof TokenRouterOptions, Joi.Schema>>;

export const OPTION_NAMES = Object.keys(OPTIONS) as (keyof TokenRouterOptions)[];

export const GRANT_NAMES = ['issueTokens', 'parameters', 'allowPublic'];

export const REFRESH_NAMES = ['findRefreshToken', 'consumeRefreshToken', 'revokeTokens', 'rotates', 'leeway'];

/** One mistake in the options. */
export interface Finding {
  path: Path;
  value: unknown;
  /** There is no such option. */
  isUnknown?: boolean;
  /** The option must be there, and is not. */
  isMissing?: boolean;
}

/** By the name of the option. */
export type Schemas = Readonly<Record<string, Joi.Schema>>;

/** Lists the mistakes in each option by itself. */
export function findMistakes(options: unknown, schemas: Schemas = OPTIONS): Finding[] {
  if (types.isPromise(options)) return [{ path: [], value: options }];
  // A promise has none of the expected members. Report it once.
  const given = Object(options) as Record<string, unknown>;
  const promised = Object.keys(schemas).filter((name) => types.isPromise(given[name]));

  const schema = Joi.object({ ...schemas }).required();
  const { error } = schema.validate(options, { abortEarly: false, convert: false });
  const found = (error?.details ?? []).map(({ path, type, context }): Finding => {
    const parent = Object(path.slice(0, -1).reduce<unknown>((inner, part) => Object(inner)[part], given));
    const isMissing = !(String(path.at(-1)) in parent);
    return { path, value: context?.value, isUnknown: type === 'object.unknown', isMissing };
  });
  return [
    ...promised.map((name) => ({ path: [name], value: given[name] })),
    ...found.filter(({ path: [first], value, isUnknown }) => {
      const isLeftOut = first === 'rateLimit' && isUnknown && value === undefined;
      return !isLeftOut && !promised.some((name) => name === first);
    }),
  ];
}
