/** The answers to requests that were sent at once. */
export interface Race<Response> {
  /** All answers, in the order of the calls. */
  responses: readonly Response[];
  /** The answers with status 200. */
  issued: readonly Response[];
  /** All other answers. */
  refused: readonly Response[];
}

/**
 * Sends several requests at once: `race(10, () => endpoint.redeem({ code, codeVerifier }))`. Exactly one of them may
 * get tokens (RFC 6749 §4.1.2). A store in memory is too fast for a race. Let it wait some milliseconds, as a database
 * does.
 */
export async function race<Response extends { status: number }>(
  times: number,
  redeem: (index: number) => PromiseLike<Response>,
): Promise<Race<Response>> {
  const responses = await Promise.all(Array.from({ length: times }, (_, index) => redeem(index)));
  return {
    responses,
    issued: responses.filter(({ status }) => status === 200),
    refused: responses.filter(({ status }) => status !== 200),
  };
}
