import { type ClientExchange, type ClientGrant, createTokenRouter, type ExtensionGrant } from '../../lib';
import { clientCredentials } from '../../lib/clients';
import { createTokenIssuer } from '../../lib/tokens';
import { type Equals, holds } from './equals';
import { consumeCode, findCode, issueTokens, type RegisteredClient, tokens } from './host';

declare const authenticateClient: () => Promise<RegisteredClient | null>;
declare const findClientGrant: () => Promise<{ scope: string; resources: string[]; plan: string } | null>;

const { issueClientTokens } = createTokenIssuer({
  issuer: 'https://auth.example',
  keys: [],
  apis: [],
  clientClaims({ client, clientGrant }) {
    holds<Equals<typeof client.clientId, string>>();
    holds<Equals<typeof clientGrant, ClientGrant>>();
    return {};
  },
});

// With the ready issuer, in a router of any client.
createTokenRouter({
  findCode,
  consumeCode,
  issueTokens,
  authenticateClient,
  parameters: ['audience'],
  grants: { client_credentials: clientCredentials({ findClientGrant, issueTokens: issueClientTokens }) },
});

// The client of the host's is known where it is named, and so are what was found and the parameters.
const grant = clientCredentials({
  parameters: ['audience'],
  async findClientGrant({
    client,
    parameters,
    resources,
  }: {
    client: RegisteredClient;
    parameters: { audience: string | undefined };
    resources: readonly string[];
  }) {
    holds<Equals<typeof client, RegisteredClient>>();
    holds<Equals<typeof resources, readonly string[]>>();
    holds<Equals<typeof parameters.audience, string | undefined>>();
    return { scope: null, plan: 'gold' };
  },
  async issueTokens({ clientGrant, client, scope, parameters, code }) {
    holds<Equals<typeof clientGrant.plan, string>>();
    holds<Equals<typeof client, RegisteredClient>>();
    holds<Equals<typeof scope, string | null>>();
    holds<Equals<typeof parameters.scope, string | undefined>>();
    holds<Equals<typeof code, undefined>>();
    // @ts-expect-error that parameter is not declared
    parameters.organization;
    return tokens;
  },
});
holds<Equals<typeof grant, ExtensionGrant<RegisteredClient, 'audience' | 'scope'>>>();
createTokenRouter({ findCode, consumeCode, issueTokens, authenticateClient, grants: { client_credentials: grant } });

// One function of the host's may serve every client exchange.
declare const issueAny: (exchange: ClientExchange) => Promise<typeof tokens>;
clientCredentials({ findClientGrant: () => ({ scope: 'a' }), issueTokens: issueAny });

// @ts-expect-error the allow-list is needed
clientCredentials({ issueTokens: issueAny });
// @ts-expect-error a grant says its scope, if only null
clientCredentials({ findClientGrant: () => ({}), issueTokens: issueAny });
// @ts-expect-error a scope is one string
clientCredentials({ findClientGrant: () => ({ scope: ['a'] }), issueTokens: issueAny });
// @ts-expect-error public clients cannot be let in
clientCredentials({ findClientGrant, issueTokens: issueAny, allowPublic: true });
