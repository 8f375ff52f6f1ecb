import fc from 'fast-check';
import { isSameResource, normalizeResource } from '../../lib/grants/same-resource';

describe('Two resources are the same', () => {
  it.each([
    ['https://api.example', 'https://api.example/'],
    ['https://api.example?a=b', 'https://api.example/?a=b'],
    ['HTTPS://API.example/mcp', 'https://api.EXAMPLE/mcp'],
    ['http://API.example:8080', 'http://api.example:8080/'],
    ['https://user@API.example/', 'https://user@api.example/'],
    ['https://[2001:DB8::1]/', 'https://[2001:db8::1]'],
    ['urn:example:api', 'urn:example:api'],
    ['https://api.example/%7E', 'https://api.example/%7E'],
  ])('%s and %s', (one, another) => {
    expect([isSameResource(one, another), isSameResource(another, one)]).toEqual([true, true]);
  });
});

describe('Two resources are not the same', () => {
  it.each([
    ['https://api.example/mcp', 'https://api.example/mcp/'],
    ['https://api.example/mcp', 'https://api.example/MCP'],
    ['https://api.example/', 'http://api.example/'],
    ['https://api.example/', 'https://api.example:443/'],
    ['https://api.example/', 'https://api.example./'],
    ['https://api.example/?a', 'https://api.example/?A'],
    ['https://User@api.example/', 'https://user@api.example/'],
    ['https://api.example/%7E', 'https://api.example/~'],
    ['https://api.example/%7e', 'https://api.example/%7E'],
    ['https://api.example/a/../b', 'https://api.example/b'],
    ['urn:example:api', 'urn:EXAMPLE:api'],
    ['URN:example:api', 'urn:example:api'],
    ['app://API', 'app://api'],
    ['app://api', 'app://api/'],
    ['git+https://API', 'git+https://api'],
    ['https://api.example', 'https://api.example.evil.example'],
    ['https://api.example', 'https://api.example/@evil.example'],
    ['https://api.example\n', 'https://api.example'],
  ])('%j and %j', (one, another) => {
    expect([isSameResource(one, another), isSameResource(another, one)]).toEqual([false, false]);
  });
});

it('The one spelling of a resource has scheme and host in small letters, and a path', () => {
  expect(normalizeResource('HTTPS://User@API.Example?A')).toBe('https://User@api.example/?A');
});

it('The one spelling of a resource stays as it is when it is made once more', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true, withFragments: true })), (resource) => {
      const normal = normalizeResource(resource);
      expect(normalizeResource(normal)).toBe(normal);
      expect(isSameResource(resource, normal)).toBe(true);
    }),
  );
});
