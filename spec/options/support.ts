import { createTokenRouter } from '../../lib';

export const nothing = () => {};
const ADAPTERS = { findCode: nothing, consumeCode: nothing, issueTokens: nothing };

/** What createTokenRouter says of these options, beside the three adapters that must be there. Empty if they are sound. */
export function mistakesOf(options: object): string {
  try {
    createTokenRouter({ ...ADAPTERS, ...options } as never);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TypeError);
    return (thrown as TypeError).message;
  }
  return '';
}

/** The same for one option of `refresh` beside those that must be there. */
export const mistakesOfRefresh = (options: object) =>
  mistakesOf({ refresh: { findRefreshToken: nothing, consumeRefreshToken: nothing, ...options } });
