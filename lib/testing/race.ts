/** How requests ended that were sent at once. */
export interface Race<Response> {
  /** All answers, in the order of the calls. */
  responses: readonly Response[];
  /** Those with status 200. */
  issued: readonly Response[];
  /** All others. */
  refused: readonly Response[];
}

/**
 * Sends so many requests at once: `race(10, () => endpoint.redeem({ code, codeVerifier }))`. Exactly one may be issued
 * (RFC 6749 §4.1.2). A store in memory answers too fast to race: let it wait some milliseconds, as a database does.
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
