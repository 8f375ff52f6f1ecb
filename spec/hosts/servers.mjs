import { createServer } from 'node:http';
import fastifyExpress from '@fastify/express';
import fastifyMiddie from '@fastify/middie';
import { createAdaptorServer } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import connect from 'connect';
import express from 'express';
import Fastify from 'fastify';
import { fromNodeHandler, H3, toNodeHandler } from 'h3';
import { Hono } from 'hono';
import Koa from 'koa';
import { serveHttp } from './service.mjs';

/** Servers of other frameworks, and Express itself behind body parsers. */
export const SERVERS = {
  'http.createServer': async (service) => serveHttp(createServer(service.app), service),

  'express.json': async (service) => {
    const app = express().set('trust proxy', 1);
    return serveHttp(app.use(express.json(), express.urlencoded({ extended: true }), service.router), service);
  },

  connect: async (service) => serveHttp(connect().use(service.app), service),

  '@fastify/express': async ({ app, ...service }) => {
    const fastify = Fastify({ trustProxy: '127.0.0.1' });
    await fastify.register(fastifyExpress);
    fastify.use(app);
    return serveFastify(fastify, service);
  },

  '@fastify/middie': async ({ app, ...service }) => {
    const fastify = Fastify({ trustProxy: '127.0.0.1' });
    await fastify.register(fastifyMiddie);
    fastify.use(app);
    return serveFastify(fastify, service);
  },

  koa: async ({ app, ...service }) => {
    const koa = new Koa();
    koa.use((ctx, next) => {
      if (ctx.path !== '/oauth/token') return next();
      ctx.respond = false;
      app(ctx.req, ctx.res);
    });
    return serveHttp(koa.callback(), service);
  },

  '@hono/node-server': async ({ app, ...service }) => {
    const hono = new Hono();
    hono.all('/oauth/token', ({ env }) => {
      app(env.incoming, env.outgoing);
      return RESPONSE_ALREADY_SENT;
    });
    return serveHttp(createAdaptorServer(hono), service);
  },

  h3: async ({ app, ...service }) => {
    const h3 = new H3();
    h3.all('/oauth/token', fromNodeHandler(app));
    return serveHttp(toNodeHandler(h3), service);
  },
};

async function serveFastify(fastify, service) {
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  return serveHttp(fastify.server, service);
}
