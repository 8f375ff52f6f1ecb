import type { TokenResponse } from './requester';

type Headers = Pick<TokenResponse, 'headers'>;

const fieldOf = ({ headers }: Headers, name: string) => String(headers[`access-control-${name}`]);
const listOf = (answer: Headers, name: string) =>
  fieldOf(answer, name)
    .toLowerCase()
    .split(/[ \t]*,[ \t]*/);

/** Whether pages of this origin can read the answer, without credentials at least (Fetch standard, "CORS check"). */
export const isOpenTo = (answer: Headers, origin: string): boolean =>
  [origin, '*'].includes(fieldOf(answer, 'allow-origin'));

/** Whether the list has `*`, and counts as one of all names: for pages that can send credentials it does not. */
function hasWildcard(answer: Headers, origin: string, list: string): boolean {
  const takesCredentials =
    fieldOf(answer, 'allow-origin') === origin && fieldOf(answer, 'allow-credentials') === 'true';
  return !takesCredentials && listOf(answer, list).includes('*');
}

/**
 * Whether a preflight allows pages of this origin to send a header field, named in lower case. `*` never covers
 * `Authorization`. POST needs no `Access-Control-Allow-Methods` (Fetch standard, "CORS-preflight fetch").
 */
export const allowsField = (preflight: Headers, origin: string, field: string): boolean =>
  listOf(preflight, 'allow-headers').includes(field) ||
  (field !== 'authorization' && hasWildcard(preflight, origin, 'allow-headers'));

/** Whether pages of this origin can read a header field of the answer, named in lower case. */
export const exposesField = (answer: Headers, origin: string, field: string): boolean =>
  listOf(answer, 'expose-headers').includes(field) || hasWildcard(answer, origin, 'expose-headers');
