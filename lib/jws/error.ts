/** What can be wrong with a JWS or a key. Each folder that uses it has its own reasons for it. */
export type JwsProblem =
  | 'too_large'
  | 'malformed'
  | 'extension_unsupported'
  | 'algorithm_unsupported'
  | 'key_malformed'
  | 'key_private'
  | 'key_size'
  | 'key_unsuitable';

/** A JWS or a key that is refused. */
export class JwsError extends Error {
  readonly problem: JwsProblem;

  constructor(problem: JwsProblem, options?: { cause: unknown }) {
    super(problem, options);
    this.problem = problem;
  }
}
