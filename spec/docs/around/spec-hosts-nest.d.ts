declare const NestFactory: { create(module: unknown, options: object): Promise<Nest> };
declare const AppModule: unknown;
declare const options: object;
declare const router: import('express').Router;
type Nest = { set(name: string, value: unknown): void; use(middleware: import('express').RequestHandler): void };

export {};
