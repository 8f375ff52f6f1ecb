import { refusal } from './refusals';

/** RFC 6749 §3.3. */
export const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Parses the scope. Drops scopes that the server does not know, as RFC 6749 §3.3 allows. */
export function parseScope(scope: string | undefined, known: readonly string[] | undefined): string | null {
  const asked = [...new Set((scope ?? '').split(' ').filter((each) => each !== ''))];
  if (!asked.every((each) => SCOPE.test(each))) {
    throw refusal('invalid_scope', 'scope_malformed', 'The parameter scope is malformed');
  }
  const scopes = known ? asked.filter((each) => known.includes(each)) : asked;
  if (scopes.length === 0 && asked.length > 0) {
    throw refusal('invalid_scope', 'scope_unknown', 'None of the requested scopes is known');
  }
  return scopes.length === 0 ? null : scopes.join(' ');
}
