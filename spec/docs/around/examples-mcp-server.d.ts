declare const app: import('express').Express;
declare const mcpUrl: URL;
declare const registered: Map<string, { clientId: string; name: string; tokenEndpointAuthMethod: string }>;
declare const resolveClient: import('express-token-router/clients').ResolveClientMetadata;
declare const tokenRouter: import('express').Router;
declare const revocationRouter: import('express').Router;
declare const introspectionRouter: import('express').Router;
declare const endpoints: typeof import('express-token-router/endpoints');
declare const metadata: ReturnType<typeof endpoints.authorizationServerMetadata>;
declare const jwks: ReturnType<typeof import('express-token-router/tokens').createTokenIssuer>['jwks'];
type Members = {
  apis: import('express-token-router/tokens').TokenIssuerOptions['apis'];
  asks: (client: { display?: { host: string } }) => boolean | 'always';
};

export {};
