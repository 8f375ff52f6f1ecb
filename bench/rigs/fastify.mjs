import formbody from '@fastify/formbody';
import Fastify from 'fastify';
import { createHandWritten } from '../lib/hand-written.mjs';
import { PATH } from '../lib/wire.mjs';

/** The same work by hand on Fastify, with its own form parser and serializer. */
export async function createRig(parts) {
  const exchange = createHandWritten(parts);
  const app = Fastify();
  app.register(formbody);

  app.post(PATH, async (request, reply) => {
    const answer = await exchange(request.body, request.headers.dpop);
    reply.header('Cache-Control', 'no-store').code(answer.error ? 400 : 200);
    return answer;
  });
  await app.ready();
  return app;
}

export const createServer = (app) => app.server;
