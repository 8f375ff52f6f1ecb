declare const app: import('express').Express;
declare const createTokenRouter: typeof import('express-token-router').createTokenRouter;
type Login = import('express-token-router/memory').LoginRecord & { tenant: string };
declare const store: import('express-token-router/memory').Store<Login>;
declare const findCode: typeof store.adapters.findCode;
declare const refresh: typeof store.adapters.refresh;
declare const adapters: Omit<typeof store.adapters, 'findCode' | 'refresh'>;
declare const ofTenant: <Find>(find: Find) => Find;
declare const issueTokens: ReturnType<typeof import('express-token-router/tokens').createTokenIssuer>['issueTokens'];

export {};
