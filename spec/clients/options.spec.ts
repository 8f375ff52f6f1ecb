import {
  type ClientAuthenticationOptions,
  createClientAuthentication,
  createClientMetadataResolver,
} from '../../lib/clients';
import { memoryStore } from '../../lib/stores/memory';

const good = { findClient: () => null, audience: 'https://auth.example', consumeJti: () => true };
const build = (options: unknown) => () => createClientAuthentication(options as ClientAuthenticationOptions);
const messageOf = (attempt: () => unknown) => {
  try {
    return String(attempt());
  } catch (thrown) {
    return (thrown as TypeError).message;
  }
};

describe('createClientAuthentication takes', () => {
  it.each<[string, unknown]>([
    ['what it needs', good],
    [
      'undefined options',
      { ...good, methods: undefined, algorithms: undefined, fetch: undefined, tokenEndpoint: undefined },
    ],
    ['an audience by request', { ...good, audience: () => 'https://auth.example' }],
    ['the issuer as the audience, which is the default', { ...good, assertionAudience: 'issuer' }],
    ['compat', { ...good, assertionAudience: 'compat', tokenEndpoint: 'https://auth.example/oauth/token' }],
    ['isAllowedAddress', { ...good, isAllowedAddress: () => true }],
    ['fetch', { ...good, fetch }],
  ])('%s', (_what, options) => {
    expect(build(options)).not.toThrow();
  });
});

describe('createClientAuthentication refuses, and says what to write,', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'options is undefined. Pass an object with findClient, methods, audience'],
    ['null', null, 'options is null. Pass an object'],
    [
      'no findClient',
      { ...good, findClient: undefined },
      'findClient is undefined. Write a function: (clientId, req) => the client, or null.',
    ],
    [
      'a findClient that is no function',
      { ...good, findClient: {} },
      'findClient is an empty object. Write a function',
    ],
    [
      'an unknown method',
      { ...good, methods: ['none', 'tls_client_auth'] },
      "methods[1] is 'tls_client_auth'. Write an array of one or more of none, client_secret_basic, client_secret_post, private_key_jwt.",
    ],
    ['no method', { ...good, methods: [] }, 'methods is an empty array. Write an array of one or more of none'],
    ['methods as JSON', { ...good, methods: '["none"]' }, 'methods is \'["none"]\'. Write an array'],
    ['a method without an array', { ...good, methods: 'none' }, "methods is 'none'. Write an array"],
    [
      'no audience',
      { ...good, audience: undefined },
      "audience is undefined. private_key_jwt in methods needs it. Write your issuer identifier, such as 'https://auth.example'",
    ],
    ['an empty audience', { ...good, audience: '' }, "audience is ''. Write your issuer identifier"],
    [
      'no consumeJti',
      { ...good, consumeJti: undefined },
      'consumeJti is undefined. private_key_jwt in methods needs it. Write a function: ({ jti, jkt, expiresAt }) => true',
    ],
    [
      'the store instead of its consumeJti',
      { ...good, consumeJti: { consumeJti() {} } },
      'consumeJti is an object with consumeJti. Pass its member consumeJti.',
    ],
    [
      'an unknown algorithm',
      { ...good, algorithms: ['HS256'] },
      "algorithms[0] is 'HS256'. Write an array of one or more of ES256",
    ],
    ['alg none', { ...good, algorithms: ['none'] }, "algorithms[0] is 'none'. Write an array"],
    ['no algorithm', { ...good, algorithms: [] }, 'algorithms is an empty array. Write an array'],
    [
      'an unknown assertionAudience',
      { ...good, assertionAudience: 'any' },
      "assertionAudience is 'any'. Write 'issuer' or 'compat'.",
    ],
    [
      'compat without the token endpoint',
      { ...good, assertionAudience: 'compat' },
      "tokenEndpoint is undefined. assertionAudience: 'compat' needs it. Write the public URL",
    ],
    [
      'a token endpoint without compat',
      { ...good, tokenEndpoint: 'https://auth.example' },
      "tokenEndpoint does nothing without assertionAudience: 'compat'. Leave it out.",
    ],
    [
      'isAllowedAddress that is a list',
      { ...good, isAllowedAddress: ['127.0.0.1'] },
      'isAllowedAddress is an array of 1. Write a function: (address, port) => true or false, at once.',
    ],
    [
      'isAllowedAddress that answers later: a promise would allow every address',
      { ...good, isAllowedAddress: async () => false },
      'isAllowedAddress is the async function isAllowedAddress. Write a function: (address, port) => true or false, at once.',
    ],
    [
      'an audience that comes later',
      { ...good, audience: async () => 'https://auth.example' },
      'audience is the async function audience. Write your issuer identifier',
    ],
    [
      'a store that was not called',
      { ...good, consumeJti: memoryStore },
      'consumeJti is the function memoryStore. Call it: consumeJti: memoryStore().consumeJti.',
    ],
    [
      'a resolver that was not called',
      { ...good, findClient: createClientMetadataResolver },
      'findClient is the function createClientMetadataResolver. Call it: findClient: createClientMetadataResolver({ … }).',
    ],
    [
      'a class',
      { ...good, findClient: class Clients {} },
      'findClient is the class Clients. Pass a method of an object of that class: (clientId, req) => the client',
    ],
    [
      'fetch that is no function, and may be a secret',
      { ...good, fetch: 'a secret' },
      'fetch is a string of 8 characters. Write a function: (url, { headers, redirect, signal }) => the response',
    ],
    [
      'both',
      { ...good, fetch, isAllowedAddress: () => true },
      'isAllowedAddress does nothing beside fetch. Leave one of them out.',
    ],
    ['a misspelling', { ...good, findclient() {} }, 'findclient does not exist. Did you mean findClient?'],
    ['an option that does not exist', { ...good, cache: 1 }, 'cache does not exist. These exist: findClient, methods,'],
  ])('%s', (_what, options, message) => {
    expect(build(options)).toThrow(TypeError);
    expect(build(options)).toThrow(message);
    expect(build(options)).toThrow(/^createClientAuthentication: /);
  });

  it('all in full, with what was received', () => {
    const wrong = {
      ...{
        findClient: 1,
        methods: '["none"]',
        audience: true,
        assertionAudience: 'any',
        consumeJti: {},
        algorithms: null,
      },
      ...{ isAllowedAddress: async () => true, fetch: class Fetch {} },
    };
    expect(messageOf(build(wrong))).toBe(
      [
        'createClientAuthentication:',
        'findClient is 1. Write a function: (clientId, req) => the client, or null.',
        'methods is \'["none"]\'. Write an array of one or more of none, client_secret_basic, client_secret_post, private_key_jwt.',
        "audience is true. Write your issuer identifier, such as 'https://auth.example', or (req) => that text, at once.",
        "assertionAudience is 'any'. Write 'issuer' or 'compat'.",
        'consumeJti is an empty object. Write a function: ({ jti, jkt, expiresAt }) => true for the first use, false for all ' +
          'others. Every store of this package has one.',
        'algorithms is null. Write an array of one or more of ES256, ES384, ES512, PS256, PS384, PS512, RS256, RS384, RS512, Ed25519, EdDSA.',
        'isAllowedAddress is the async function isAllowedAddress. Write a function: (address, port) => true or false, at once.',
        'fetch is the class Fetch. Pass a method of an object of that class: (url, { headers, redirect, signal }) => the ' +
          'response, like the global fetch.',
        'isAllowedAddress does nothing beside fetch. Leave one of them out.',
      ].join('\n  '),
    );
  });

  it('all that is missing', () => {
    expect(messageOf(build({}))).toBe(
      [
        'createClientAuthentication:',
        'findClient is undefined. Write a function: (clientId, req) => the client, or null.',
        "audience is undefined. private_key_jwt in methods needs it. Write your issuer identifier, such as 'https://auth.example', " +
          'or (req) => that text, at once.',
        'consumeJti is undefined. private_key_jwt in methods needs it. Write a function: ({ jti, jkt, expiresAt }) => true for ' +
          'the first use, false for all others. Every store of this package has one.',
      ].join('\n  '),
    );
  });

  it('all mistakes at once, each once', () => {
    expect(build({ methods: [1, 2], audience: 7 })).toThrow(
      /^createClientAuthentication:\n {2}findClient .+\n {2}methods\[0\] .+\n {2}methods\[1\] .+\n {2}audience .+$/,
    );
  });
});

describe('createClientMetadataResolver', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no options', {}],
    ['a fetch', { fetch }],
  ])('takes %s', (_what, options) => {
    expect(() => createClientMetadataResolver(options as never)).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'options is null. Pass an object with isAllowedAddress, fetch.'],
    [
      'a fetch that is no function',
      { fetch: 'fetch' },
      'fetch is a string of 5 characters. Write a function: (url, { headers, redirect, signal }) => the response',
    ],
    [
      'an option that does not exist',
      { isAllowed() {} },
      'isAllowed does not exist. These exist: isAllowedAddress, fetch.',
    ],
    [
      'both',
      { fetch, isAllowedAddress: () => true },
      'isAllowedAddress does nothing beside fetch. Leave one of them out.',
    ],
  ])('refuses %s', (_what, options, message) => {
    expect(() => createClientMetadataResolver(options as never)).toThrow(TypeError);
    expect(() => createClientMetadataResolver(options as never)).toThrow(message);
    expect(() => createClientMetadataResolver(options as never)).toThrow(/^createClientMetadataResolver: /);
  });
});
