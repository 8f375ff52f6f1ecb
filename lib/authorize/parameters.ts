import { invalidRequest } from './refusals';

/** Reads the parameters of one request. */
export interface Parameters {
  /** The value, or `undefined` if it is absent or empty (RFC 6749 §3.1). Throws if it is repeated or not a string. */
  read(name: string, characters?: RegExp): string | undefined;
  /** Every value, of any type. For parameters that may be repeated. */
  readAll(name: string): readonly unknown[];
}

const PRINTABLE_ASCII = /^[\x20-\x7E]*$/;

/** Text of any script, without control characters, line separators and lone surrogates. */
export const PRINTABLE_TEXT = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]*$/u;

/**
 * Reads a query string, a `URLSearchParams`, or an object that a parser made. Parsers turn `state[]=x` and
 * `state=x&state=y` into arrays and `state[a]=x` into objects. Anything else is an empty request.
 */
export function parseParameters(query: unknown): Parameters {
  const find = createReader(query);
  return {
    read(name, characters = PRINTABLE_ASCII) {
      const value = find(name);
      if (value === undefined || value === '') return undefined;
      if (Array.isArray(value)) throw invalidRequest('parameter_repeated', `The parameter ${name} must be sent once`);
      if (typeof value !== 'string') {
        throw invalidRequest('parameter_no_string', `The parameter ${name} must be a string`);
      }
      if (characters.test(value)) return value;
      throw invalidRequest('parameter_characters', `The parameter ${name} has characters that are not allowed`);
    },
    readAll(name) {
      const value = find(name);
      if (Array.isArray(value)) return value;
      return value === undefined ? [] : [value];
    },
  };
}

function createReader(query: unknown): (name: string) => unknown {
  if (typeof query === 'string' || query instanceof URLSearchParams) {
    const parameters = new URLSearchParams(query);
    return (name) => {
      const values = parameters.getAll(name);
      return values.length > 1 ? values : values[0];
    };
  }
  const members = Object(query) as Record<string, unknown>;
  // Own members only: a member of Object.prototype is no parameter.
  return (name) => (Object.hasOwn(members, name) ? members[name] : undefined);
}
