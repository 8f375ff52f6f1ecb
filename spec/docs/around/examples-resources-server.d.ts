declare const app: import('express').Express;
declare const createTokenRouter: typeof import('express-token-router').createTokenRouter;
type Login = import('express-token-router/memory').LoginRecord & { organizations: string[] };
declare const store: import('express-token-router/memory').Store<Login>;
declare const tokenIssuer: ReturnType<typeof import('express-token-router/tokens').createTokenIssuer<Login>>;

export {};
