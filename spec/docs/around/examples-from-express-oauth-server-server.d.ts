declare const app: import('express').Express & { oauth: import('@node-oauth/express-oauth-server') };
declare const express: typeof import('express');
declare const OAuthServer: typeof import('@node-oauth/express-oauth-server');
declare const own: ConstructorParameters<typeof OAuthServer>[0]['model'];
declare const isPublic: (client: { secret?: string }) => boolean;
declare const model: typeof own;
declare const options: ReturnType<typeof import('./from-model.js').fromModel>['options'];
declare const memoryStore: typeof import('express-token-router/memory').memoryStore;
declare const createTokenRouter: typeof import('express-token-router').createTokenRouter;
declare const fromModel: typeof import('./from-model.js').fromModel;

export {};
