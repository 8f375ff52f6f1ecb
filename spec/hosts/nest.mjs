import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { serveHttp } from './service.mjs';

/** A module of Nest, without decorators. */
function createModule(configure = () => {}) {
  class AppModule {
    configure(consumer) {
      configure(consumer);
    }
  }
  Module({})(AppModule);
  return AppModule;
}

async function serveNest(nest, service) {
  await nest.listen(0, '127.0.0.1');
  const { send } = await serveHttp(nest.getHttpServer(), service);
  return { send, stop: () => nest.close() };
}

const options = { logger: false };

export const NEST = {
  '@nestjs/platform-express': async ({ router, ...service }) => {
    const AppModule = createModule();
    const nest = await NestFactory.create(AppModule, options);
    nest.set('trust proxy', 1);
    nest.use(router);
    return serveNest(nest, service);
  },

  '@nestjs/platform-fastify': async ({ app, ...service }) => {
    const AppModule = createModule();
    const nest = await NestFactory.create(AppModule, new FastifyAdapter({ trustProxy: '127.0.0.1' }), options);
    nest.use(app);
    return serveNest(nest, service);
  },
};

/** Nest mounts a middleware under its route, so the router has the option `path: '/'`. */
export const NEST_MODULE = {
  path: '/',
  start: async ({ router }) => {
    const AppModule = createModule((consumer) => {
      consumer.apply(router).forRoutes('oauth/token');
    });
    const nest = await NestFactory.create(AppModule, options);
    nest.set('trust proxy', 1);
    return serveNest(nest, { path: '/oauth/token' });
  },
};
