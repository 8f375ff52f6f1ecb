import { fault } from '../errors';
import type { Confirmation } from '../types';

const OPTIONAL = ['refresh_token', 'id_token', 'scope'] as const;

/** Checks what `issueTokens` returned, and writes it as the JSON text of RFC 6749 §5.1. */
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
  // Replaces a token_type of the host: only the router knows whether a proof was verified.
  tokens.token_type = token_type;
  // Otherwise JSON.stringify would send what toJSON returns, and not what is checked here.
  tokens.toJSON = undefined;
  for (const name of OPTIONAL) {
    // JSON.stringify leaves out undefined. An empty string means none, as null does.
    if (tokens[name] === null || tokens[name] === '') tokens[name] = undefined;
    if (tokens[name] !== undefined && typeof tokens[name] !== 'string') {
      throw new TypeError(`issueTokens returned ${name} as ${typeOf(tokens[name])}; return a string, or leave it out`);
    }
  }
  return tokens;
}

/** The kind of a value. Never the value, because it may be a token. */
function typeOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
