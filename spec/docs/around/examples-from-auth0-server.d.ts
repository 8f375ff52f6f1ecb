declare const clients: Map<string, { clientId: string; redirectUris: string[]; webOrigins: string[] }>;
declare const domain: string;
declare const createTokenRouter: typeof import('express-token-router').createTokenRouter;
declare const endpoints: typeof import('express-token-router/endpoints');
declare const store: import('express-token-router/memory').Store;
declare const issueTokens: ReturnType<typeof import('express-token-router/tokens').createTokenIssuer>['issueTokens'];
declare const shared: { allowedOrigins: string[] };

export {};
