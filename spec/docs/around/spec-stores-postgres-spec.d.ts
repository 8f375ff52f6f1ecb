type Request = import('express').Request;
type Response = import('express').Response;
type PoolClient = import('pg').PoolClient;
type AuthorizationCode = import('express-token-router').AuthorizationCode;
type Query = Parameters<typeof import('express-token-router/postgres').postgresCodes>[0]['query'];
declare const pool: import('pg').Pool;
declare const postgresCodes: typeof import('express-token-router/postgres').postgresCodes;
declare const finished: (res: Response, done: () => void) => void;
declare const makeTokens: (query: Query, req: Request) => Promise<{ access_token: string; expires_in: number }>;

export {};
