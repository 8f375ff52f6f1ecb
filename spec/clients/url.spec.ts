import { isClientIdUrl, isDocumentUrl } from '../../lib/clients/url';

const NEITHER = [
  ['no text', 7],
  ['nothing', undefined],
  ['empty', ''],
  ['a word', 'spa'],
  ['http', 'http://client.example/id'],
  ['the scheme in capitals', 'HTTPS://client.example/id'],
  ['a scheme that ends so', 'xhttps://client.example/id'],
  ['one slash', 'https:/client.example/id'],
  ['no slash', 'https:client.example/id'],
  ['no host', 'https:///id'],
  ['a user', 'https://user@client.example/id'],
  ['a user and a password', 'https://user:pass@client.example/id'],
  ['a password alone', 'https://:pass@client.example/id'],
  ['a fragment', 'https://client.example/id#a'],
  ['an empty fragment', 'https://client.example/id#'],
  ['a blank', 'https://client.example/i d'],
  ['a line break', 'https://client.example/id\n'],
  ['a tab in the host', 'https://cli\tent.example/id'],
  ['a backslash', 'https://client.example\\@evil.example/id'],
  ['other than ASCII', 'https://clïent.example/id'],
  ['a port that is none', 'https://client.example:99999/id'],
  ['another scheme', 'data:application/json,{}'],
  ['longer than 2048 characters', `https://client.example/${'a'.repeat(2026)}`],
] as const;

describe('A URL of a document is', () => {
  it.each(NEITHER)('none: %s', (_what, text) => {
    expect(isDocumentUrl(text)).toBe(false);
  });

  it.each([
    'https://client.example',
    'https://client.example/',
    'https://client.example:8443/jwks?tenant=1',
    'https://CLIENT.example/a/../jwks',
    `https://client.example/${'a'.repeat(2025)}`,
  ])('one: %s', (text) => {
    expect(isDocumentUrl(text)).toBe(true);
  });
});

describe('A client_id is', () => {
  it.each(NEITHER.filter(([, text]) => typeof text === 'string'))('no URL of a document: %s', (_what, text) => {
    expect(isClientIdUrl(String(text))).toBe(false);
  });

  it.each([
    ['no path', 'https://client.example'],
    ['capitals in the host', 'https://CLIENT.example/id'],
    ['a dot segment', 'https://client.example/./id'],
    ['two dots', 'https://client.example/a/../id'],
    ['a dot segment that is encoded', 'https://client.example/%2e%2e/id'],
    ['a dot that is encoded', 'https://client.example/a%2Eb'],
    ['a port that needs no mention', 'https://client.example:443/id'],
    ['an IP address as one number', 'https://2130706433/id'],
    ['an IP address in octal', 'https://0177.0.0.1/id'],
    ['an IP address cut short', 'https://127.1/id'],
    ['an IPv6 address in long form', 'https://[0:0:0:0:0:0:0:1]/id'],
    ['an encoded host', 'https://cli%65nt.example/id'],
  ])('no URL of a document: %s', (_what, text) => {
    expect(isClientIdUrl(text)).toBe(false);
  });

  it.each([
    'https://client.example/',
    'https://client.example/id.json',
    'https://client.example:8443/id?version=1',
    'https://127.0.0.1/id',
    'https://client.example/a%2Fb',
  ])('a URL of a document: %s', (text) => {
    expect(isClientIdUrl(text)).toBe(true);
  });
});
