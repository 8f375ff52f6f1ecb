import { fault } from '../errors';
import type { Confirmation } from '../types';

const OPTIONAL = ['refresh_token', 'id_token', 'scope'] as const;

/** What `issueTokens` returned, as the JSON text of RFC 6749 §5.1. */
export function serializeTokens(issued: unknown, confirmation: Confirmation | undefined): string {
  try {
    return JSON.stringify(parseTokens(issued, confirmation));
  } catch (thrown) {
    throw fault('tokens_malformed', thrown);
  }
}

function parseTokens(issued: unknown, confirmation: Confirmation | undefined): Record<string, unknown> {
  const { access_token, expires_in } = Object(issued) as Record<string, unknown>;
  if (typeof access_token !== 'string' || access_token === '') {
    const received = access_token === '' ? 'an empty string' : typeOf(access_token);
    throw new TypeError(`issueTokens returned access_token as ${received}; return a string that is not empty`);
  }
  if (!Number.isSafeInteger(expires_in) || Number(expires_in) <= 0) {
    const received = typeof expires_in === 'number' ? String(expires_in) : typeOf(expires_in);
    throw new TypeError(`issueTokens returned expires_in as ${received}; return a whole number of seconds above 0`);
  }
  const token_type = confirmation ? 'DPoP' : 'Bearer';
  const tokens: Record<string, unknown> = { access_token, token_type, expires_in, ...Object(issued) };
  // The router alone knows whether a proof was verified; a token_type of the host's gives way.
  tokens.token_type = token_type;
  // JSON would ask it for another answer than the one that is checked here.
  tokens.toJSON = undefined;
  for (const name of OPTIONAL) {
    // JSON leaves out what is undefined. An empty string says the same as null: there is none.
    if (tokens[name] === null || tokens[name] === '') tokens[name] = undefined;
    if (tokens[name] !== undefined && typeof tokens[name] !== 'string') {
      throw new TypeError(`issueTokens returned ${name} as ${typeOf(tokens[name])}; return a string, or leave it out`);
    }
  }
  return tokens;
}

/** The kind of a value, and never the value: it may be a token. */
function typeOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
