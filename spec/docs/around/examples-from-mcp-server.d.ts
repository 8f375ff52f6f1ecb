declare const app: import('express').Express;
declare const issuer: string;
type Saved = { client: { client_id: string }; params: { redirectUri: string }; expiresAt: number };
type Provider = import('@modelcontextprotocol/sdk/server/auth/provider.js').OAuthServerProvider;
declare const provider: Provider & { codes: { get(code: string): Saved } };
declare const memoryCodes: typeof import('express-token-router/memory').memoryCodes;
declare const memoryJtis: typeof import('express-token-router/memory').memoryJtis;
declare const mcpAuthRouter: typeof import('@modelcontextprotocol/sdk/server/auth/router.js').mcpAuthRouter;
declare const createTokenRouterFrom: typeof import('./from-provider.js').createTokenRouterFrom;

export {};
