import { parseMetadata } from '../../lib/clients/metadata';
import { createKey } from './support/asserter';

const URL_OF_CLIENT = 'https://client.example/id';
const { jwk } = createKey('ES256');

const good = () => ({
  client_id: URL_OF_CLIENT,
  client_name: 'A client',
  client_uri: 'https://client.example/',
  logo_uri: 'https://client.example/logo.png',
  redirect_uris: ['https://client.example/callback', 'http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
});
const parse = (different: Record<string, unknown> = {}) => parseMetadata({ ...good(), ...different }, URL_OF_CLIENT);

describe('A document', () => {
  it('is read as a client', () => {
    expect(parse()).toEqual({
      clientId: URL_OF_CLIENT,
      redirectUris: ['https://client.example/callback', 'http://127.0.0.1/callback'],
      tokenEndpointAuthMethod: 'none',
      grantTypes: ['authorization_code', 'refresh_token'],
      applicationType: null,
      dpopBoundAccessTokens: false,
      tokenEndpointAuthSigningAlg: null,
      jwks: null,
      jwksUri: null,
      display: {
        host: 'client.example',
        name: 'A client',
        uri: 'https://client.example/',
        logoUri: 'https://client.example/logo.png',
      },
    });
  });

  it('needs no more than its URL and its callback URLs', () => {
    const document = { client_id: URL_OF_CLIENT, redirect_uris: ['https://client.example/callback'] };
    expect(parseMetadata(document, URL_OF_CLIENT)).toMatchObject({
      tokenEndpointAuthMethod: 'none',
      grantTypes: ['authorization_code'],
      display: { host: 'client.example', name: null, uri: null, logoUri: null },
    });
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'a native client',
      {
        application_type: 'native',
        redirect_uris: ['com.example.app:/callback', 'http://[::1]:3000/', 'http://localhost/cb'],
      },
      {
        applicationType: 'native',
        redirectUris: ['com.example.app:/callback', 'http://[::1]:3000/', 'http://localhost/cb'],
      },
    ],
    ['a client of the web', { application_type: 'web' }, { applicationType: 'web' }],
    ['an unknown type of client', { application_type: 'tv' }, { applicationType: null }],
    [
      'keys and a method',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'https://client.example/jwks',
        token_endpoint_auth_signing_alg: 'RS256',
      },
      {
        tokenEndpointAuthMethod: 'private_key_jwt',
        jwks: null,
        jwksUri: 'https://client.example/jwks',
        tokenEndpointAuthSigningAlg: 'RS256',
      },
    ],
    [
      'keys in the document',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } },
      { tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [jwk] }, jwksUri: null },
    ],
    [
      'keys and no method',
      { token_endpoint_auth_method: undefined, jwks: { keys: [jwk] } },
      { tokenEndpointAuthMethod: 'private_key_jwt' },
    ],
    [
      'a URL of keys and no method',
      { token_endpoint_auth_method: undefined, jwks_uri: 'https://client.example/jwks' },
      { tokenEndpointAuthMethod: 'private_key_jwt' },
    ],
    ['keys that it does not authenticate with', { jwks: { keys: [jwk] } }, { tokenEndpointAuthMethod: 'none' }],
    [
      'grants that need more than a URL',
      {
        grant_types: [
          'client_credentials',
          'refresh_token',
          'password',
          'urn:ietf:params:oauth:grant-type:token-exchange',
        ],
      },
      { grantTypes: ['refresh_token'] },
    ],
    ['no grants at all', { grant_types: [] }, { grantTypes: [] }],
    ['the wish for DPoP', { dpop_bound_access_tokens: true }, { dpopBoundAccessTokens: true }],
    ['a wish for DPoP that is no boolean', { dpop_bound_access_tokens: 'true' }, { dpopBoundAccessTokens: false }],
    ['members that nobody knows', { software_id: 7, clientId: 'other', display: 'x' }, { clientId: URL_OF_CLIENT }],
  ])('may have %s', (_what, different, expected) => {
    expect(parse(different)).toMatchObject(expected);
  });

  const REDIRECTS = 'redirect_uris is no list of 1 to 50 absolute URIs';
  it.each<[string, Record<string, unknown>, string]>([
    ['no client_id', { client_id: undefined }, 'client_id is not the URL'],
    ['the client_id of another', { client_id: 'https://victim.example/id' }, 'client_id is not the URL'],
    ['a client_id with a slash more', { client_id: `${URL_OF_CLIENT}/` }, 'client_id is not the URL'],
    ['a client_id in capitals', { client_id: 'https://CLIENT.example/id' }, 'client_id is not the URL'],
    ['a client_id in an array', { client_id: [URL_OF_CLIENT] }, 'client_id is not the URL'],
    ['a secret', { client_secret: 's3cret' }, 'it holds a client_secret'],
    ['an empty secret', { client_secret: '' }, 'it holds a client_secret'],
    ['the end of a secret', { client_secret_expires_at: 0 }, 'it holds a client_secret'],
    ['client_secret_basic', { token_endpoint_auth_method: 'client_secret_basic' }, 'is neither none nor'],
    ['client_secret_post', { token_endpoint_auth_method: 'client_secret_post' }, 'is neither none nor'],
    ['client_secret_jwt', { token_endpoint_auth_method: 'client_secret_jwt' }, 'is neither none nor'],
    ['tls_client_auth', { token_endpoint_auth_method: 'tls_client_auth' }, 'is neither none nor'],
    ['a method that is null', { token_endpoint_auth_method: null }, 'is neither none nor'],
    ['a method in an array', { token_endpoint_auth_method: ['none'] }, 'is neither none nor'],
    ['private_key_jwt without keys', { token_endpoint_auth_method: 'private_key_jwt' }, 'needs jwks or jwks_uri'],
    ['both jwks and jwks_uri', { jwks: { keys: [] }, jwks_uri: 'https://client.example/jwks' }, 'holds both'],
    ['keys that are no set', { jwks: [jwk] }, 'it is no JWK set'],
    ['keys that are null', { jwks: null }, 'it is no JWK set'],
    ['a jwks_uri by http', { jwks_uri: 'http://client.example/jwks' }, 'jwks_uri is no https URL'],
    ['a jwks_uri that is null', { jwks_uri: null }, 'jwks_uri is no https URL'],
    ['grants as one string', { grant_types: 'authorization_code' }, 'grant_types is no list'],
    ['grants that are null', { grant_types: null }, 'grant_types is no list'],
    ['an algorithm that is no string', { token_endpoint_auth_signing_alg: ['RS256'] }, 'is no string'],
    ['no redirect_uris', { redirect_uris: undefined }, REDIRECTS],
    ['an empty list of redirect_uris', { redirect_uris: [] }, REDIRECTS],
    ['one redirect_uri without a list', { redirect_uris: 'https://client.example/callback' }, REDIRECTS],
    ['51 redirect_uris', { redirect_uris: Array(51).fill('https://client.example/callback') }, REDIRECTS],
    ...[
      7,
      null,
      '',
      '/callback',
      '//client.example/callback',
      'https://client.example/callback#',
      'https://client.example/callback#a',
      'https://*.client.example/callback',
      'https://client.example/*',
      'https://user@client.example/callback',
      'https:/client.example/callback',
      ['https://client.example/callback'],
      ' https://client.example/callback',
      '1app:/callback',
      'a b:/callback',
      'com.example.app:/call back',
      `com.example.app:/${'a'.repeat(2032)}`,
      'http://evil.example/http://localhost/',
      'http://client.example/callback',
      'HTTP://client.example/callback',
      'http://127.0.0.1.evil.example/callback',
      'http://127.0.0.1@evil.example/callback',
      'http://localhost.evil.example/callback',
      'http://localhost:80@evil.example/',
      'http://192.168.0.1/callback',
      'javascript:alert(1)',
      'JavaScript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'blob:https://client.example/x',
      'file:///etc/passwd',
      'about:blank',
      'ws://client.example/',
      'https://client.example/call back',
      'https://client.example/cällback',
      'https://client.example/callback\n',
      `https://client.example/${'a'.repeat(2048)}`,
      'com.example.app:',
    ].map((uri): [string, Record<string, unknown>, string] => [
      `the redirect_uri ${JSON.stringify(uri).slice(0, 60)}`,
      { redirect_uris: ['https://client.example/callback', uri] },
      REDIRECTS,
    ]),
  ])('is refused with %s', (_what, different, message) => {
    expect(() => parse(different)).toThrow(message);
  });

  it.each([null, [], [good()], 'text', 7, true])('is refused where it is no object: %p', (json) => {
    expect(() => parseMetadata(json, URL_OF_CLIENT)).toThrow('it is no JSON object');
  });

  it.each([
    'app2:/callback',
    'com.example.file:/callback',
    'com.example.app:/callback?then=http://client.example&or=https:',
    `com.example.app:/${'a'.repeat(2031)}`,
    'http://127.0.0.1',
    'http://127.0.0.1:49152/callback',
    'http://localhost:3000?a=1',
  ])('may have the redirect_uri %s', (uri) => {
    expect(parse({ redirect_uris: [uri] }).redirectUris).toEqual([uri]);
  });

  it('may have 50 redirect_uris', () => {
    expect(parse({ redirect_uris: Array(50).fill('https://client.example/callback') }).redirectUris).toHaveLength(50);
  });
});

describe('A login page is shown', () => {
  it.each<[string, unknown, string | null]>([
    ['a name on one line', 'A\n\tclient', 'Aclient'],
    ['a name with single blanks', '  A   client ', 'A client'],
    ['a name without characters that turn the text around', 'evil\u202Eelpmaxe\u200B', 'evilelpmaxe'],
    ['a name without line separators', 'A\u2028B\u2029C', 'ABC'],
    ['a name of 100 characters at most', 'x'.repeat(101), 'x'.repeat(100)],
    ['a name that is not cut within a character', `${'x'.repeat(99)}😀y`, `${'x'.repeat(99)}😀`],
    ['a name as it is, to be escaped', '<script>', '<script>'],
    ['no name where there is nothing to see', '\u200B \n', null],
    ['no name that is no text', ['A client'], null],
  ])('%s', (_what, client_name, name) => {
    expect(parse({ client_name }).display.name).toBe(name);
  });

  it.each(['javascript:alert(1)', 'http://client.example/', 'data:image/png;base64,AA==', 7, null])(
    'no link but an https URL: %p',
    (link) => {
      expect(parse({ client_uri: link, logo_uri: link }).display).toMatchObject({ uri: null, logoUri: null });
    },
  );

  it('the host with its port', () => {
    const url = 'https://client.example:8443/id';
    expect(parseMetadata({ ...good(), client_id: url }, url).display.host).toBe('client.example:8443');
  });
});
