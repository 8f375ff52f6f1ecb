declare const app: import('express').Express;
declare const clients: Map<string, { clientId: string; redirectUris: string[] }>;
declare const issuer: string;
declare const authorize: typeof import('express-token-router/authorize');
declare const randomBytes: typeof import('node:crypto').randomBytes;
declare const saveCode: import('express-token-router/memory').Store['saveCode'];
type ParsedRequest = import('express-token-router/authorize').AuthorizationRequest;
type Login = { session: { signedInAt: number; request?: ParsedRequest }; user: { id: string } };
declare const req: import('express').Request & Login;
declare const res: import('express').Response;
declare const request: ParsedRequest;
declare const sendCode: (req: unknown, res: import('express').Response, request: ParsedRequest) => Promise<void>;

export {};
