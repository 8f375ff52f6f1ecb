type Issuer = ReturnType<typeof import('express-token-router/tokens').createTokenIssuer>;
declare const issueTokens: Issuer['issueTokens'];
declare const ACCESS_TOKEN: string;
declare const parseExchange: (exchange: unknown) => Parameters<Issuer['issueTokens']>[0];
declare const claims: Record<string, string>;
declare const client: import('express-token-router').Client;
declare const mayCall: { scope: string; resource: string };
declare const issuer: string;
declare const confirmation: import('express-token-router').Confirmation | undefined;

export {};
