import { isIssuer, isUrl } from '../lib/issuer';

describe('An issuer identifier (RFC 8414 §2)', () => {
  it.each([
    'https://auth.example',
    'https://auth.example/',
    'https://auth.example/tenant',
    'https://auth.example:8443',
    'http://localhost:3000',
  ])('may be %s', (issuer) => {
    expect(isIssuer(issuer)).toBe(true);
  });

  it.each([
    ['a query', 'https://auth.example?a=b'],
    ['a fragment', 'https://auth.example#a'],
    ['a user', 'https://user@auth.example'],
    ['a backslash', 'https://auth.example\\tenant'],
    ['characters beyond ASCII', 'https://auth.ex\u00e4mple'],
    ['a space', 'https://auth.example/a b'],
    ['no host', 'https://'],
    ['a host that no URL can have', 'https://[auth'],
    ['another scheme', 'ftp://auth.example'],
    ['a scheme that ends like http', 'xhttp://auth.example'],
    ['a space before it', ' https://auth.example'],
    ['a line break behind it', 'https://auth.example\n'],
    ['no scheme', 'auth.example'],
  ])('has not %s', (_what, issuer) => {
    expect(isIssuer(issuer)).toBe(false);
  });

  it.each([undefined, null, 7, ['https://auth.example'], new URL('https://auth.example')])('is not %p', (issuer) => {
    expect(isIssuer(issuer)).toBe(false);
  });
});

it.each([
  ['https://auth.example/a?b', true],
  ['urn:auth', false],
  ['/auth', false],
])('A URL has a host: %s, %p', (text, expected) => {
  expect(isUrl(text)).toBe(expected);
});
