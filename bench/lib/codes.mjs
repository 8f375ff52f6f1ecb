import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AUDIENCE, CLIENT_ID, REDIRECT_URI, USER } from './wire.mjs';

/** A code, its verifier, and what the authorization endpoint would have saved with it. */
export function createCode(lifetimeMs = 600_000) {
  const code = randomBytes(32).toString('base64url');
  const codeVerifier = randomBytes(32).toString('base64url');
  const record = {
    code,
    clientId: CLIENT_ID,
    redirectUri: REDIRECT_URI,
    codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    codeChallengeMethod: 'S256',
    expiresAt: new Date(Date.now() + lifetimeMs),
    dpopJkt: null,
    scope: 'openid read',
    user: USER,
    userId: USER,
    audience: AUDIENCE,
    nonce: null,
  };
  return { code, codeVerifier, record };
}

/** How long the store of a rig takes: no time while it is measured, some while it is shown what it does in a race. */
const latency = { ms: 0 };
export const setLatency = (ms) => {
  latency.ms = ms;
};
export const waitAsStore = async () => {
  if (latency.ms > 0) await sleep(latency.ms);
};

/** The codes of a rig, in this process. Asynchronous, as every store that outlives its process is. */
export function createCodes(scope = 'openid read') {
  const records = new Map();

  return {
    save(count) {
      records.clear();
      return Array.from({ length: count }, () => {
        const { code, codeVerifier, record } = createCode();
        records.set(code, { ...record, scope, isSpent: false });
        return { code, codeVerifier };
      });
    },
    async find(code) {
      await waitAsStore();
      return records.get(code) ?? null;
    },
    /** `true` for the one call that spends the code. */
    async consume(record) {
      await waitAsStore();
      if (record.isSpent) return false;
      record.isSpent = true;
      return true;
    },
  };
}
