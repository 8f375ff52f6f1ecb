declare const Fastify: (options: { trustProxy: string }) => Server;
declare const fastifyExpress: unknown;
declare const app: import('express').Express;
declare const koa: { use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void> | void): void };
declare const hono: { all(path: string, handler: (context: { env: Bindings }) => Response): void };
declare const RESPONSE_ALREADY_SENT: Response;
declare const h3: { all(path: string, handler: object): void };
declare const fromNodeHandler: (listener: import('node:http').RequestListener) => object;
type Server = { register(plugin: unknown): Promise<void>; use(middleware: import('node:http').RequestListener): void };
type Context = Exchange<'req', 'res'> & { path: string; respond?: boolean };
type Bindings = Exchange<'incoming', 'outgoing'>;
type Exchange<Req extends string, Res extends string> = Record<Req, import('node:http').IncomingMessage> &
  Record<Res, import('node:http').ServerResponse>;

export {};
