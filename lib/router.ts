import type { Router } from 'express';
import { createEndpoint } from './endpoint';
import { tellFacts } from './facts';
import { describeTokenEndpoint } from './metadata';
import { mountEndpoint } from './mount';
import { parseOptions } from './options';
import { createTokenEndpoint, listDeclared } from './token-endpoint';
import type {
  AuthorizationCode,
  Client,
  DpopNeeds,
  RefreshToken,
  TokenEndpointMetadata,
  TokenRouterOptions,
  VerifyDpop,
} from './types';

/**
 * The token endpoint of an OAuth 2.0 authorization server (RFC 6749 §3.2) as an Express router: `POST /oauth/token`.
 * Serves authorization codes with PKCE, refresh tokens if you pass `refresh`, and DPoP if you pass `verifyDpop`.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createTokenRouter<
  Code extends AuthorizationCode = never,
  RequestingClient extends Client = Client,
  Token extends RefreshToken = never,
  Name extends string = never,
  // biome-ignore lint/complexity/noBannedTypes: no grant of the host's, so no names of their parameters
  GrantNames extends Record<string, string> = {},
  Verify extends VerifyDpop | undefined = VerifyDpop | undefined,
>(
  options: TokenRouterOptions<Code, RequestingClient, Token, Name, GrantNames> & {
    verifyDpop?: Verify;
  } & DpopNeeds<NoInfer<Verify>, NoInfer<Code>>,
): Router & { readonly metadata: TokenEndpointMetadata } {
  const configuration = parseOptions(options);
  const endpoint = createEndpoint(configuration, { name: 'token', needsCredential: false });
  const tokenEndpoint = endpoint.serve(createTokenEndpoint(configuration), listDeclared(configuration));
  const router = mountEndpoint(configuration.path, endpoint, tokenEndpoint);
  const metadata = describeTokenEndpoint(configuration);
  return tellFacts(Object.assign(router, { metadata }), { router: configuration });
}
