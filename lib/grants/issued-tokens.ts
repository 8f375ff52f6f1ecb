import { fault } from '../errors';
import type { Confirmation } from '../types';

const OPTIONAL = ['refresh_token', 'id_token', 'scope'] as const;

/** What `issueTokens` returned, as the JSON text of RFC 6749 §5.1 (CONTRACT A1 to A4). */
export function serializeTokens(issued: unknown, confirmation: Confirmation | undefined): string {
  try {
    return JSON.stringify(parseTokens(issued, confirmation));
  } catch (thrown) {
    throw fault('tokens_malformed', thrown);
  }
}

function parseTokens(issued: unknown, confirmation: Confirmation | undefined): Record<string, unknown> {
  const { access_token, expires_in } = Object(issued) as Record<string, unknown>;
  if (!isText(access_token)) throw new TypeError('issueTokens returns access_token, a string that is not empty');
  if (!Number.isSafeInteger(expires_in) || Number(expires_in) <= 0) {
    throw new TypeError('issueTokens returns expires_in, a whole number of seconds above 0');
  }
  const token_type = confirmation ? 'DPoP' : 'Bearer';
  const tokens: Record<string, unknown> = { access_token, token_type, expires_in, ...Object(issued) };
  // The router alone knows whether a proof was verified; a token_type of the host's gives way.
  tokens.token_type = token_type;
  // JSON would ask it for another answer than the one that is checked here.
  tokens.toJSON = undefined;
  for (const name of OPTIONAL) {
    // JSON leaves out what is undefined.
    tokens[name] ??= undefined;
    if (tokens[name] !== undefined && !isText(tokens[name])) {
      throw new TypeError(`issueTokens returns ${name} as a string, or leaves it out`);
    }
  }
  return tokens;
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
