import { decidesOnRepeats, markRepeats } from '../lib/repeats';

describe('A store decides which spent tokens may come again', () => {
  it('where it marked its findRefreshToken', () => {
    const findRefreshToken = () => null;
    expect(decidesOnRepeats(findRefreshToken)).toBe(false);
    expect(markRepeats(findRefreshToken)).toBe(findRefreshToken);
    expect(decidesOnRepeats(findRefreshToken)).toBe(true);
  });

  it('where the store is of another version of the package', () => {
    const mark = Symbol.for('express-token-router.decidesOnRepeats');
    expect(decidesOnRepeats(Object.assign(() => null, { [mark]: true }))).toBe(true);
    expect(decidesOnRepeats(Object.assign(() => null, { [mark]: 1 }))).toBe(false);
  });

  it('but not where the host wrapped the function, or there is none', () => {
    const marked = markRepeats(() => null);
    expect(decidesOnRepeats(() => marked())).toBe(false);
    expect([decidesOnRepeats(undefined), decidesOnRepeats(null)]).toEqual([false, false]);
  });
});
