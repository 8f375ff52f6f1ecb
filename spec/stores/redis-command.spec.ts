import { parseRow } from '../../lib/stores/redis-command';

describe('The reply of a script', () => {
  it('is its texts, also where they came as bytes', () => {
    expect(parseRow(['a', Buffer.from('b')], 2)).toEqual(['a', 'b']);
  });

  it('is null for nil', () => {
    expect(parseRow(null, 2)).toBeNull();
  });

  it.each([
    ['too few texts', ['a']],
    ['too many texts', ['a', 'b', 'c']],
    ['a number among them', ['a', 7]],
    ['a text', 'QUEUED'],
    ['nothing', undefined],
  ])('is refused where it is %s', (_what, reply) => {
    expect(() => parseRow(reply, 2)).toThrow(
      /^sendCommand returned .+; it must return the reply of the (?:script|command), a list of (?:2 )?strings$/,
    );
  });
});
