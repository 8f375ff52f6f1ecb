import express from 'express';
import { createCode } from '../lib/codes.mjs';
import { load } from '../lib/ours.mjs';

const { createTokenRouter } = load('index.js');

/** This package with the store that it ships with: codes filed under their digest, records copied in and out. */
export function createRig({ issue }) {
  const { memoryCodes } = load('stores/memory.js');
  let store = memoryCodes();

  const app = express().use(
    createTokenRouter({
      findCode: (code) => store.findCode(code),
      consumeCode: (code) => store.consumeCode(code),
      issueTokens: ({ code }) => issue(code),
      rateLimit: false,
    }),
  );

  return Object.assign(app, {
    async prepare(count) {
      store = memoryCodes();
      const codes = Array.from({ length: count }, createCode);
      for (const { code, record } of codes) await store.saveCode(code, record);
      return codes.map(({ code, codeVerifier }) => ({ code, codeVerifier }));
    },
  });
}
