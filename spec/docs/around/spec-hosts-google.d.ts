declare const functionsFramework: { http(name: string, listener: import('express').RequestHandler): void };
declare const onRequest: (listener: import('node:http').RequestListener) => import('express').RequestHandler;
declare const app: import('express').Express;

export {};
