import express from 'express';
import { createCode } from '../lib/codes.mjs';
import { load } from '../lib/ours.mjs';

const { createTokenRouter } = load('index.js');

const DAY_MS = 86_400_000;

/** This package with the store that it ships with: codes filed under their digest, records copied in and out. */
export async function createRig({ issue }) {
  const { memoryCodes } = load('stores/memory.js');
  const live = Number(process.env.BENCH_LIVE_CODES ?? 0);
  let store = memoryCodes();
  const save = async (count, lifetimeMs) => {
    const codes = [];
    for (let made = 0; made < count; made += 1) {
      const { code, codeVerifier, record } = createCode(lifetimeMs);
      await store.saveCode(code, record);
      codes.push({ code, codeVerifier });
    }
    return codes;
  };
  await save(live, DAY_MS);

  const app = express().use(
    createTokenRouter({
      findCode: (code) => store.findCode(code),
      consumeCode: (code) => store.consumeCode(code),
      issueTokens: ({ code }) => issue(code),
      rateLimit: false,
    }),
  );

  return Object.assign(app, {
    /** Beside codes that wait, the store is kept: it grows by what is redeemed. */
    prepare(count) {
      if (live === 0) store = memoryCodes();
      return save(count);
    },
  });
}
