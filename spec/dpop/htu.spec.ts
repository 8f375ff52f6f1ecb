import fc from 'fast-check';
import { normalizeHtu } from '../../lib/dpop/htu';

describe('normalizeHtu', () => {
  it.each([
    ['https://auth.example', 'https://auth.example/'],
    ['https://auth.example?x', 'https://auth.example/'],
    ['https://auth.example#x?y', 'https://auth.example/'],
    ['HTTP://AUTH.example:80/A', 'http://auth.example/A'],
    ['https://auth.example:443/a', 'https://auth.example/a'],
    ['http://auth.example:443/', 'http://auth.example:443/'],
    ['https://[2001:DB8::1]:8443/t', 'https://[2001:db8::1]:8443/t'],
    ['https://auth.example/%7Ea%2fb%c3%a4', 'https://auth.example/~a%2Fb%C3%A4'],
    ['https://a%75th.example/', 'https://auth.example/'],
    ['https://auth.example/a/./b/../c', 'https://auth.example/a/c'],
    ['https://auth.example/../../c', 'https://auth.example/c'],
    ['https://auth.example/a/..', 'https://auth.example/'],
    ['https://auth.example/a/b/..', 'https://auth.example/a/'],
    ['https://auth.example/a/.', 'https://auth.example/a/'],
    ['https://auth.example/.', 'https://auth.example/'],
    ['https://auth.example/a/%2e%2E/b', 'https://auth.example/b'],
    ['https://auth.example/.well-known/x', 'https://auth.example/.well-known/x'],
    ['https://auth.example/a/.../b', 'https://auth.example/a/.../b'],
    ['https://auth.example//a', 'https://auth.example//a'],
    ['https://auth.example/a//../b', 'https://auth.example/a/b'],
  ])('writes %s as %s', (uri, normal) => {
    expect(normalizeHtu(uri)).toBe(normal);
  });

  it.each([
    'https://',
    'https:///',
    'https://?x',
    'https://:443/',
    'https://[::1/',
    'https://[::1]x/',
    'https://[v1.x]/',
    'https://::1/',
    'https://a b/',
    'https://a/{x}',
    'https://a/{x}/b',
    'https://a/%7g',
    'https://a/#\u00e4',
    'https://a/?%',
    'javascript:alert(1)',
    'xhttps://a/',
  ])('refuses %s, which is no valid URI', (uri) => {
    expect(normalizeHtu(uri)).toBeUndefined();
  });

  it('is idempotent, and never removes or adds a host', () => {
    const uri = fc.tuple(
      fc.constantFrom('http://', 'https://', 'HTTPS://', 'https:/', 'https:'),
      fc.stringMatching(/^[A-Za-z0-9.:@%[\]\\-]{0,12}$/),
      fc.stringMatching(/^[/A-Za-z0-9.%~;=?#\\-]{0,24}$/),
    );
    fc.assert(
      fc.property(uri, (parts) => {
        const normal = normalizeHtu(parts.join(''));
        if (normal === undefined) return;
        expect(normalizeHtu(normal)).toBe(normal);
        expect(normal).toMatch(/^https?:\/\/[^/?#\\@]+\/[^?#\\]*$/);
        expect(normal.replace(/^https?:\/\/[^/]+/, '')).not.toMatch(/\/\.{1,2}(?:\/|$)/);
      }),
      { numRuns: 2000 },
    );
  });

  it('says of two URIs that they are the same only where the URL standard says so too', () => {
    const host = fc.constantFrom(
      'auth.example',
      'AUTH.example',
      'auth.example:443',
      'auth.example:80',
      'auth.example.',
    );
    const path = fc.stringMatching(/^(?:\/(?:a|b|\.|\.\.|%61|%2e|))*$/);
    fc.assert(
      fc.property(host, path, host, path, (hostA, pathA, hostB, pathB) => {
        const [a, b] = [`https://${hostA}${pathA}`, `https://${hostB}${pathB}`];
        if (normalizeHtu(a) !== normalizeHtu(b)) return;
        // The URL standard leaves letters encoded that need no encoding.
        const standard = (uri: string) => new URL(uri).href.replaceAll('%61', 'a');
        expect(standard(a)).toBe(standard(b));
      }),
      { numRuns: 2000 },
    );
  });
});
