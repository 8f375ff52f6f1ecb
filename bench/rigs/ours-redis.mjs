import express from 'express';
import { load } from '../lib/ours.mjs';
import { connectRedis, prepareRedis } from '../lib/redis.mjs';

const { createTokenRouter } = load('index.js');

/** This package with its store in Redis. */
export async function createRig({ issue }) {
  const { redisCodes } = load('stores/redis.js');
  const client = await connectRedis();
  const store = redisCodes({ sendCommand: (...command) => client.sendCommand(command) });

  const app = express().use(
    createTokenRouter({
      findCode: store.findCode,
      consumeCode: store.consumeCode,
      issueTokens: ({ code }) => issue(code),
      rateLimit: false,
    }),
  );
  return Object.assign(app, { prepare: (count) => prepareRedis(client, count, store.saveCode) });
}
