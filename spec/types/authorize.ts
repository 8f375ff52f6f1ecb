import type { Response } from 'express';
import { type AuthorizationCode, createTokenRouter, type OAuthError } from '../../lib';
import {
  type AuthorizationRequest,
  type AuthorizationTarget,
  authorizationResponse,
  codeRecordOf,
  consentRequired,
  isCallbackUrl,
  needsLogin,
  parseAuthorizationRequest,
} from '../../lib/authorize';
import { memoryCodes } from '../../lib/stores/memory';
import type { Authorization } from '../../lib/tokens';
import { type Equals, holds } from './equals';

declare const res: Response;
declare const query: unknown;

interface HostClient {
  clientId: string;
  redirectUris: string[];
  name: string;
}
declare const findClient: (clientId: string) => Promise<HostClient | null>;
const issuer = 'https://auth.example/';

async function authorize() {
  const parsed = await parseAuthorizationRequest(query, { findClient, issuer, parameters: ['acr_values'] });

  // @ts-expect-error it may be an error
  parsed.request satisfies AuthorizationRequest;
  // @ts-expect-error a page has no request to answer
  authorizationResponse(res, parsed.request, { error: 'access_denied' });

  switch (parsed.kind) {
    case 'page': {
      holds<Equals<typeof parsed.error, OAuthError>>();
      holds<Equals<typeof parsed.status, number>>();
      // @ts-expect-error a page is never redirected
      return authorizationResponse(res, parsed.request, parsed.error);
    }
    case 'redirect': {
      holds<Equals<typeof parsed.request, AuthorizationTarget>>();
      // @ts-expect-error no code is saved for a request that was refused
      codeRecordOf(parsed.request, { userId: 'ann' });
      return authorizationResponse(res, parsed.request, parsed.error);
    }
    case 'request': {
      const { request, client } = parsed;
      holds<Equals<typeof client, HostClient>>();
      holds<Equals<typeof request.parameters.acr_values, string | undefined>>();
      // @ts-expect-error this parameter was not declared
      request.parameters.ui_locales;
      needsLogin(request, null) satisfies boolean;
      const record = codeRecordOf(request, { userId: client.name, tenant: 7 });
      record satisfies AuthorizationCode & Authorization;
      holds<Equals<typeof record.tenant, number>>();
      holds<Equals<typeof record.scope, string | null>>();

      // A store takes the record as it is, and the router what the store finds.
      const { saveCode, findCode, consumeCode } = memoryCodes<typeof record>();
      await saveCode('a code', record);
      createTokenRouter({
        findCode,
        consumeCode,
        issueTokens: ({ code }) => ({ access_token: `${code.userId} ${code.tenant}`, expires_in: 60 }),
      });
      const plain = memoryCodes<AuthorizationCode & Authorization>();
      await plain.saveCode('a code', record);

      // @ts-expect-error the user is missing
      codeRecordOf(request, { authTime: new Date() });
      // @ts-expect-error what the request decides is not the host's to set
      codeRecordOf(request, { userId: 'ann', clientId: 'other' });
      // @ts-expect-error a session keeps dates as text
      codeRecordOf(request, { userId: 'ann', authTime: '2026-01-02T03:04:05Z' });
      // @ts-expect-error scopes are one text
      codeRecordOf(request, { userId: 'ann', scope: ['openid'] });
      // @ts-expect-error a misspelling
      codeRecordOf(request, { userId: 'ann' }, { lifeTime: 60 });

      authorizationResponse(res, request, consentRequired);
      authorizationResponse(res, request, { error: 'a_code_of_mine', error_description: 'why' });
      // @ts-expect-error an answer is a code or an error
      authorizationResponse(res, request, { code: 'a code', error: 'access_denied' });
      // @ts-expect-error an answer is never empty
      authorizationResponse(res, request, {});
      // @ts-expect-error the raw query is no request
      authorizationResponse(res, { redirect_uri: 'https://app.example/' }, { code: 'a code' });
      return undefined;
    }
  }
}

authorize() satisfies Promise<void>;

// Without the option there are no further parameters.
parseAuthorizationRequest(query, { findClient, issuer }).then(({ kind, request }) => {
  if (kind === 'request') holds<Equals<keyof typeof request.parameters, never>>();
});
// A request that was kept in a session is one again.
codeRecordOf(JSON.parse('{}') as AuthorizationRequest, { userId: 'ann' });

// @ts-expect-error the issuer is missing
parseAuthorizationRequest(query, { findClient });
// @ts-expect-error the client has no callback URLs
parseAuthorizationRequest(query, { issuer, findClient: async () => ({ clientId: 'spa' }) });
const spa = { clientId: 'a', redirectUris: [], applicationType: 'spa' } as const;
// @ts-expect-error there is no such application type
parseAuthorizationRequest(query, { issuer, findClient: () => spa });
// @ts-expect-error a misspelling
parseAuthorizationRequest(query, { findClient, issuer, audience: [] });

const url: unknown = 'https://app.example/';
if (isCallbackUrl(url, [])) url satisfies string;
// @ts-expect-error the registered URLs are a list
isCallbackUrl(url, 'https://app.example/');
