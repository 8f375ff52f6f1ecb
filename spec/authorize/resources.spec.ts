import { parseGood, refusalOf } from './support';

const API = 'https://api.example/';
const audiences = [API, 'https://other.example/v1', 'urn:api', 'no url'];
const many = (count: number) => Array.from({ length: count }, (_, index) => `urn:${index}`);

describe('The resource of an authorization request', () => {
  it.each<[unknown, string[]]>([
    [undefined, []],
    ['', []],
    [[], []],
    [['', ''], []],
    [API, [API]],
    [[API], [API]],
    [
      [API, 'urn:b', API],
      [API, 'urn:b'],
    ],
    [
      ['https://API.example', API],
      ['https://API.example', API],
    ],
    [`${API}"quote`, [`${API}"quote`]],
    [[...many(16), 'urn:0'], many(16)],
  ])('%j is read as %j', async (resource, expected) => {
    expect((await parseGood({ resource })).resources).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['is relative', '/api'],
    ['is no URI', 'api'],
    ['has a fragment', `${API}#x`],
    ['has an empty fragment', `${API}#`],
    ['has a blank', 'https://api.example/a b'],
    ['has a line break', 'urn:a\n'],
    ['has a letter of another script', 'https://api.example/é'],
    ['has a scheme alone', 'urn:'],
    ['has a scheme that begins with a digit', '1a:b'],
    ['is a number', 7],
    ['is null', null],
    ['is an object', { 0: API }],
    ['is a list in a list', [[API]]],
    ['is bad beside a good one', [API, 'bad']],
    ['comes 17 times', many(17)],
  ])('that %s is refused', async (_title, resource) => {
    await expect(refusalOf({ resource })).resolves.toEqual({
      kind: 'redirect',
      error: 'invalid_target',
      reason: 'resource_malformed',
      state: 'a state',
    });
  });
});

describe('Where the APIs are given,', () => {
  it.each<[object]>([
    [{}],
    [{ resource: API }],
    [{ resource: 'HTTPS://API.Example' }],
    [{ resource: ['https://api.example', 'urn:api'] }],
    [{ resource: 'https://other.EXAMPLE/v1' }],
    [{ audience: API }],
    [{ audience: 'no url' }],
    [{ audience: API, resource: 'urn:api' }],
  ])('%j is known', async (change) => {
    await parseGood({ ...change }, { audiences });
  });

  it.each<[object]>([
    [{ resource: 'https://unknown.example/' }],
    [{ resource: [API, 'https://unknown.example/'] }],
    [{ resource: 'https://api.example//' }],
    [{ resource: 'https://api.example/?a' }],
    [{ resource: 'https://user@api.example/' }],
    [{ resource: 'http://api.example/' }],
    [{ resource: 'https://other.example/V1' }],
    [{ resource: 'https://other.example/v1/' }],
    [{ resource: 'URN:api' }],
    [{ audience: 'https://unknown.example/' }],
    [{ audience: 'https://API.example/' }],
    [{ audience: 'https://unknown.example/', resource: API }],
  ])('%j is refused', async (change) => {
    await expect(refusalOf({ ...change }, { audiences })).resolves.toEqual({
      kind: 'redirect',
      error: 'invalid_target',
      reason: 'resource_unknown',
      state: 'a state',
    });
  });

  it('an API with a user in its identifier is compared as it is', async () => {
    const userinfo = { audiences: ['https://User@api.example/'] };
    await parseGood({ resource: 'https://User@api.example/' }, userinfo);
    await expect(refusalOf({ resource: 'https://user@api.example/' }, userinfo)).resolves.toMatchObject({
      reason: 'resource_unknown',
    });
  });

  it('an API with a query and no path is compared as if it had one', async () => {
    await parseGood({ resource: 'https://api.example?a' }, { audiences: ['https://api.example/?a'] });
  });
});
