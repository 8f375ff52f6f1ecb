declare const app: import('express').Express;
declare const issuer: string;
declare const keys: import('express-token-router/tokens').TokenIssuerOptions['keys'];
declare const apis: import('express-token-router/tokens').TokenIssuerOptions['apis'];
declare const users: import('express-token-router/tokens').TokenIssuerOptions['users'];
type Store = import('express-token-router/testing').CodeStore &
  import('express-token-router/testing').RefreshTokenStore;
declare const store: import('express-token-router/memory').Store;
declare const emptyTheTables: () => Promise<void>;
declare const readAllRows: () => Promise<object>;
declare const restartTheServer: () => Promise<object>;
declare const closeConnections: () => Promise<void>;
declare const knexStore: (connection: object) => Store;
declare const one: object;
declare const another: object;
declare const createTokenRouter: typeof import('express-token-router').createTokenRouter;
declare const createTokenIssuer: typeof import('express-token-router/tokens').createTokenIssuer;
declare const digestOfAddress: typeof import('express-token-router').digestOfAddress;
type Changed = Promise<{ modifiedCount: number }>;
declare const grants: { updateOne(filter: object, update: object, options: object): Changed };
declare const keptUntil: () => Date;
declare const prisma: {
  $executeRaw(sql: TemplateStringsArray, ...values: unknown[]): Promise<number>;
  oauthGrant: { updateMany(change: { where: object; data: object }): Promise<{ count: number }> };
};

export {};
