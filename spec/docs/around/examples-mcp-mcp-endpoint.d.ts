declare const active: boolean;
declare const cnf: { jkt: string } | undefined;
declare const provenKey: import('node:async_hooks').AsyncLocalStorage<string>;
declare const OAuthError: typeof import('@modelcontextprotocol/server').OAuthError;
declare const OAuthErrorCode: typeof import('@modelcontextprotocol/server').OAuthErrorCode;

export {};
