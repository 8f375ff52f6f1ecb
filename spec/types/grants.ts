import { createTokenRouter, type ExtensionExchange, type IssuedTokens } from '../../lib';
import { type Equals, holds } from './equals';
import { consumeCode, findCode, issueTokens, type RegisteredClient, tokens } from './host';

declare const authenticateClient: () => Promise<RegisteredClient | null>;

// Declared parameters are known by their names, in every grant.
createTokenRouter({
  findCode,
  consumeCode,
  parameters: ['audience', 'organization'],
  async issueTokens({ parameters, resources, servesRefresh }) {
    holds<Equals<typeof parameters.audience, string | undefined>>();
    holds<Equals<typeof resources, readonly string[]>>();
    holds<Equals<typeof servesRefresh, boolean>>();
    // @ts-expect-error that parameter is not declared
    parameters.organisation;
    return tokens;
  },
});

// Without the option there is no name.
createTokenRouter({
  findCode,
  consumeCode,
  async issueTokens({ parameters }) {
    // @ts-expect-error no parameter is declared
    parameters.audience;
    return tokens;
  },
});

// A grant knows its own names, those that are declared, and the client of the host's.
createTokenRouter({
  findCode,
  consumeCode,
  issueTokens,
  authenticateClient,
  parameters: ['audience'],
  grants: {
    'urn:ietf:params:oauth:grant-type:device_code': {
      parameters: ['device_code'],
      allowPublic: true,
      async issueTokens({ client, parameters, grantType, code }) {
        holds<Equals<typeof client, RegisteredClient>>();
        holds<Equals<typeof parameters.device_code, string | undefined>>();
        holds<Equals<typeof parameters.audience, string | undefined>>();
        holds<Equals<typeof grantType, string>>();
        holds<Equals<typeof code, undefined>>();
        // @ts-expect-error a parameter of another grant
        parameters.subject_token;
        return tokens;
      },
    },
    'urn:ietf:params:oauth:grant-type:token-exchange': {
      parameters: ['subject_token'],
      async issueTokens({ parameters }) {
        holds<Equals<typeof parameters.subject_token, string | undefined>>();
        return tokens;
      },
    },
  },
});

// One function may serve all grants, and destructure what only one kind of exchange has.
declare const issueAny: (exchange: ExtensionExchange) => Promise<IssuedTokens>;
createTokenRouter({ findCode, consumeCode, issueTokens, grants: { client_credentials: { issueTokens: issueAny } } });

createTokenRouter({
  findCode,
  consumeCode,
  issueTokens,
  // @ts-expect-error a grant issues tokens
  grants: { client_credentials: { parameters: ['scope'] } },
});
createTokenRouter({
  findCode,
  consumeCode,
  issueTokens,
  // @ts-expect-error a grant returns tokens
  grants: { client_credentials: { issueTokens: async () => ({ access_token: 'a' }) } },
});
createTokenRouter({
  findCode,
  consumeCode,
  issueTokens,
  // @ts-expect-error allowPublic is a boolean
  grants: { client_credentials: { issueTokens: issueAny, allowPublic: 'yes' } },
});
// @ts-expect-error names are strings
createTokenRouter({ findCode, consumeCode, issueTokens, parameters: [7] });
