import { parseAuthorizationRequest } from '../../lib/authorize';
import { CLIENT, GOOD, ISSUER, parse } from './support';

const good = { findClient: () => CLIENT, issuer: ISSUER };

/** The parameters that RFC 6749, OpenID Connect Core, RFC 7636, RFC 8707, RFC 9449 and Auth0 define, of which the parser reads each. */
const OWN = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'state',
  'request',
  'request_uri',
  'code_challenge',
  'code_challenge_method',
  'scope',
  'nonce',
  'prompt',
  'max_age',
  'login_hint',
  'dpop_jkt',
  'resource',
  'audience',
];

describe('parseAuthorizationRequest throws a TypeError', () => {
  it.each<[string, unknown, string]>([
    [
      'no options',
      undefined,
      'findClient is undefined. Write a function: (clientId) => { clientId, redirectUris }, or null',
    ],
    ['no findClient', { ...good, findClient: undefined }, 'findClient is undefined'],
    ['a findClient that is none', { ...good, findClient: [CLIENT] }, 'findClient is [ [Object] ]'],
    [
      'no issuer',
      { ...good, issuer: undefined },
      'issuer is undefined. Write the URL of your server as it stands in your tokens',
    ],
    ['an issuer without a scheme', { ...good, issuer: 'auth.example' }, "issuer is 'auth.example'"],
    ['an issuer of another scheme', { ...good, issuer: 'ftp://auth.example' }, "issuer is 'ftp://auth.example'"],
    ['an issuer with a query', { ...good, issuer: `${ISSUER}?a` }, "issuer is 'https://auth.example/?a'"],
    ['an issuer with a fragment', { ...good, issuer: `${ISSUER}#` }, "issuer is 'https://auth.example/#'"],
    ['an issuer with a user', { ...good, issuer: 'https://a@auth.example' }, "issuer is 'https://a@auth.example'"],
    ['an issuer with a blank', { ...good, issuer: 'https://auth .example' }, "issuer is 'https://auth .example'"],
    ['an issuer that cannot be parsed', { ...good, issuer: 'https://[' }, "issuer is 'https://['"],
    ['a URL as the issuer', { ...good, issuer: new URL(ISSUER) }, 'issuer is URL'],
    [
      'scopes in one string',
      { ...good, scopes: 'openid profile' },
      "scopes is 'openid profile'. Write an array of scopes",
    ],
    ['two scopes in one', { ...good, scopes: ['openid profile'] }, "scopes is [ 'openid profile' ]"],
    ['an empty scope', { ...good, scopes: [''] }, "scopes is [ '' ]"],
    ['audiences in one string', { ...good, audiences: 'https://api.example/' }, "audiences is 'https://api.example/'"],
    ['an API for its identifier', { ...good, audiences: [{ identifier: 'a' }] }, 'audiences is [ [Object] ]'],
    [
      'parameters in one string',
      { ...good, parameters: 'acr_values' },
      "parameters is 'acr_values'. Write an array of parameter names",
    ],
    ['a parameter with a blank', { ...good, parameters: ['a b'] }, "parameters is [ 'a b' ]"],
    ['a parameter without a name', { ...good, parameters: [''] }, "parameters is [ '' ]"],
    ...OWN.map((name): [string, unknown, string] => [
      `the parameter ${name}, which is read anyway`,
      { ...good, parameters: [name] },
      `parameters is [ '${name}' ]`,
    ]),
    ['a parameter that no object has', { ...good, parameters: ['__proto__'] }, "parameters is [ '__proto__' ]"],
    ['a misspelling', { ...good, findclient: 1 }, 'there is no option findclient. Write findClient'],
    [
      'an option that is none',
      { ...good, redirectUris: [] },
      'there is no option redirectUris. The options are findClient, issuer,',
    ],
    ['two mistakes', {}, 'or null; issuer is undefined. Write'],
  ])('for %s', async (_title, options, message) => {
    const call = parseAuthorizationRequest(GOOD, options as never);
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow('parseAuthorizationRequest: ');
    await expect(call).rejects.toThrow(message);
  });

  it.each([
    ['findClient', 'Write a function: (clientId) => { clientId, redirectUris }, or null'],
    [
      'issuer',
      "Write the URL of your server as it stands in your tokens and metadata, such as 'https://auth.example/'",
    ],
    ['scopes', "Write an array of scopes, such as ['openid', 'profile']"],
    ['audiences', "Write an array of API identifiers, such as ['https://api.example/']"],
    ['parameters', `Write an array of parameter names, such as ['acr_values'], and none of ${OWN.join(', ')}`],
  ])('that says what to write for the option %s', async (name, hint) => {
    const call = parseAuthorizationRequest(GOOD, { ...good, [name]: 7 });
    await expect(call).rejects.toThrow(new TypeError(`parseAuthorizationRequest: ${name} is 7. ${hint}`));
  });

  it('before it reads the request', async () => {
    await expect(parseAuthorizationRequest({}, {} as never)).rejects.toThrow(TypeError);
  });

  it('that shows only the beginning of a long value', async () => {
    const call = parseAuthorizationRequest(GOOD, { ...good, issuer: 'x'.repeat(5000) });
    await expect(call).rejects.toThrow(/^.{0,300}$/s);
  });

  it.each<[string, unknown, string]>([
    [
      'a client of another shape',
      { client_id: 'spa', secret: 'hidden' },
      'clientId is undefined. Return the client_id of the client',
    ],
    ['a client that is none', 'spa', 'clientId is undefined'],
    ['false, which is neither a client nor null,', false, 'clientId is undefined'],
    ['a clientId that is a number', { ...CLIENT, clientId: 7 }, 'clientId is 7'],
    ['no redirectUris', { ...CLIENT, redirectUris: undefined }, 'redirectUris is undefined. Return an array of URLs'],
    [
      'redirectUris in one string',
      { ...CLIENT, redirectUris: 'https://app.example/' },
      "redirectUris is 'https://app.example/'",
    ],
    ['redirectUris as JSON', { ...CLIENT, redirectUris: '["https://app.example/"]' }, 'redirectUris is'],
    [
      'another application type',
      { ...CLIENT, applicationType: 'spa' },
      "applicationType is 'spa'. Write 'web' or 'native'",
    ],
    ['webOrigins in one string', { ...CLIENT, webOrigins: '*' }, "webOrigins is '*'. Return an array of origins"],
    ['grantTypes in one string', { ...CLIENT, grantTypes: 'authorization_code' }, "grantTypes is 'authorization_code'"],
  ])('for %s of findClient, whose other members it does not show', async (_title, client, message) => {
    const call = parse({}, { findClient: () => client as never });
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow('parseAuthorizationRequest: the client of findClient: ');
    await expect(call).rejects.toThrow(message);
    await expect(call).rejects.not.toThrow(/hidden/);
  });

  it.each([
    ['clientId', 'Return the client_id of the client'],
    ['redirectUris', "Return an array of URLs, such as ['https://app.example/callback']"],
    ['applicationType', "Write 'web' or 'native', or leave it out"],
    ['grantTypes', "Return an array of grant types, such as ['authorization_code'], or leave it out"],
    ['webOrigins', "Return an array of origins, such as ['https://app.example'], or leave it out"],
  ])('that says what to return for the %s of a client', async (name, hint) => {
    const call = parse({}, { findClient: () => ({ ...CLIENT, [name]: 7 }) });
    await expect(call).rejects.toThrow(
      new TypeError(`parseAuthorizationRequest: the client of findClient: ${name} is 7. ${hint}`),
    );
  });
});

it('parseAuthorizationRequest takes options that are undefined for left out, and a tenant’s issuer', async () => {
  const options = {
    ...good,
    issuer: 'http://localhost:3000/t/one',
    scopes: undefined,
    audiences: undefined,
    parameters: undefined,
  };
  const { kind, request } = await parseAuthorizationRequest(GOOD, options);
  expect([kind, request?.issuer]).toEqual(['request', 'http://localhost:3000/t/one']);
});
