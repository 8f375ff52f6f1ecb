import { isThenable } from '../../lib/http/adapters';

const withThen = (then: unknown) => Object.fromEntries([['then', then]]);

it.each<[string, unknown, boolean]>([
  ['a promise', Promise.resolve(null), true],
  ['a query builder that can be awaited', withThen(() => {}), true],
  ['undefined', undefined, false],
  ['null', null, false],
  ['true', true, false],
  ['an empty string', '', false],
  ['a record', { clientId: 'spa' }, false],
  ['a record with a column of that name', withThen('2026-01-01'), false],
])('What an adapter returned is awaited where that can be done: %s', (_what, answer, expected) => {
  expect(isThenable(answer)).toBe(expected);
});
