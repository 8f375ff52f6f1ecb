import Joi from 'joi';
import { describeMistake, describeUnknown } from '../mistakes';
import { NAMES } from './algorithms';
import { OIDC_SCOPES } from './scopes';
import type { Api } from './types';

const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;
const ONE_SCOPE =
  'a scope of this API: printable ASCII without a space, a quote and a backslash, and none of OpenID Connect';

/** What to write, by member of an API. `itself`: the array of them. */
export const API_HINTS = {
  itself: "an array of one or more { identifier: 'https://api.example/', lifetime: 600, scopes: ['read:notes'] }",
  identifier: 'the aud of its access tokens, a string',
  lifetime: 'a whole number of seconds from 1 to 3153600000',
  scopes: "an array of scopes such as ['read:notes']",
  allowOfflineAccess: 'true or false',
  accessToken: "'jwt' or 'opaque'",
  typ: "'at+jwt' or 'JWT'",
  alg: `one of ${NAMES.join(', ')}`,
} satisfies Readonly<Record<keyof Api | 'itself', string>>;

/** The option `apis`. */
export const API_SCHEMA = Joi.array()
  .min(1)
  .items(
    Joi.object({
      identifier: Joi.string().required(),
      lifetime: Joi.number().integer().min(1).max(3_153_600_000).required(),
      scopes: Joi.array()
        .required()
        .items(
          Joi.string()
            .pattern(SCOPE)
            .invalid(...OIDC_SCOPES),
        ),
      allowOfflineAccess: Joi.boolean(),
      accessToken: Joi.valid('jwt', 'opaque'),
      typ: Joi.valid('at+jwt', 'JWT'),
      alg: Joi.valid(...NAMES),
    }),
  );

/** Describes one mistake in `apis`: its path, what was received, and what to write. */
export function describeApiMistake(path: readonly (string | number)[], value: unknown): string {
  const [, , name, ...entry] = path;
  if (name === undefined) {
    return describeMistake(path, value, `Write ${API_HINTS.itself.replace('an array of one or more ', '')}.`);
  }
  const { itself, ...hints } = API_HINTS;
  if (!Object.hasOwn(hints, name)) return describeUnknown(path, Object.keys(hints));
  return describeMistake(path, value, `Write ${entry.length > 0 ? ONE_SCOPE : hints[name as keyof Api]}.`);
}
