import { factsOf, tellFacts, tellInProcess } from '../lib/facts';

describe('The facts of an adapter', () => {
  it('are with the function itself, and those that are told later are added', () => {
    const find = () => null;
    const spentLifetime = () => 5;
    expect(tellFacts(find, { inProcess: 'memoryCodes' })).toBe(find);
    expect(tellFacts(find, { spentLifetime })).toBe(find);
    expect(factsOf(find)).toEqual({ inProcess: 'memoryCodes', spentLifetime });
  });

  it('may be told anew', () => {
    const find = tellFacts(() => null, { inProcess: 'memoryCodes' });
    expect(factsOf(tellFacts(find, { inProcess: 'memoryStore' }))).toEqual({ inProcess: 'memoryStore' });
  });

  it('are those of another version of the package as well', () => {
    const facts = { inProcess: 'memoryCodes' };
    expect(factsOf({ [Symbol.for('express-token-router.facts')]: facts })).toBe(facts);
  });

  it.each([undefined, null, 7, () => null, {}])('are none where none were told: %p', (told) => {
    expect(factsOf(told)).toEqual({});
  });

  it('are seen by nobody who lists or copies the members', () => {
    const router = tellFacts({ path: '/' }, { router: {} });
    expect([Object.keys(router), factsOf({ ...router })]).toEqual([['path'], {}]);
  });
});

it('Each function of a store in memory is told to be in this process, and its other members are left alone', () => {
  const store = { find: () => null, consume: () => true, name: 'codes', size: 0, nothing: null };
  expect(tellInProcess('memoryCodes', store)).toBe(store);
  expect([factsOf(store.find), factsOf(store.consume)]).toEqual([
    { inProcess: 'memoryCodes' },
    { inProcess: 'memoryCodes' },
  ]);
  expect(factsOf(store)).toEqual({});
});
