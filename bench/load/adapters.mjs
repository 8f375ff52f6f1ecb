import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCode } from '../lib/codes.mjs';
import { CLIENT_ID, REDIRECT_URI, USER } from '../lib/wire.mjs';
import { CLIENT_SECRET } from './traffic.mjs';

const digest = (text) => createHash('sha256').update(text).digest();
const SECRET = digest(CLIENT_SECRET);

/**
 * The host's half of both rigs: codes, refresh tokens and clients in this process, as slow as the scenario says, and
 * counted. `connections` bounds how many calls run at once, and `hashers` how many secrets are hashed, as bcrypt does in
 * libuv's pool; the others wait in line, as they do in the pool of a database.
 */
export function createAdapters({ storeMs = 0, connections, hashMs = 0, hashers = 4 }) {
  const codes = new Map();
  const refreshTokens = new Map();
  const calls = { find: 0, consume: 0, save: 0, authenticate: 0, origins: 0, originsAtOnce: 0 };
  const ask = createLine(connections ?? Number.POSITIVE_INFINITY, storeMs);
  const hash = createLine(hashers, hashMs);

  const consume = async (record) => {
    calls.consume += 1;
    await ask();
    if (record.isSpent) return false;
    record.isSpent = true;
    record.spentAt = new Date();
    return true;
  };
  const findIn = (records) => async (key) => {
    calls.find += 1;
    await ask();
    const record = records.get(key);
    return record === undefined ? null : record;
  };

  return {
    calls,
    ask,
    findCode: findIn(codes),
    findRefreshToken: findIn(refreshTokens),
    consume,
    /** What an issuer does that writes its refresh token down. */
    async saveRefreshToken() {
      calls.save += 1;
      await ask();
      return randomBytes(32).toString('base64url');
    },
    async authenticate(clientId, clientSecret) {
      if (clientSecret === undefined) return clientId === CLIENT_ID ? { clientId } : null;
      calls.authenticate += 1;
      await hash();
      return timingSafeEqual(digest(clientSecret), SECRET) ? { clientId } : null;
    },
    async isOriginAllowed(origin) {
      calls.origins += 1;
      calls.running = (calls.running ?? 0) + 1;
      calls.originsAtOnce = Math.max(calls.originsAtOnce, calls.running);
      await ask();
      calls.running -= 1;
      return origin === 'https://app.example';
    },
    saveCodes: (count, isConfidential) =>
      Array.from({ length: count }, () => {
        const { code, codeVerifier, record } = createCode();
        codes.set(code, { ...record, clientId: isConfidential ? 'web' : CLIENT_ID, isSpent: false });
        return { code, codeVerifier, redirectUri: REDIRECT_URI };
      }),
    saveRefreshTokens: (count) =>
      Array.from({ length: count }, () => {
        const refreshToken = randomBytes(32).toString('base64url');
        refreshTokens.set(refreshToken, {
          clientId: CLIENT_ID,
          refreshToken,
          scope: 'openid read',
          user: USER,
          expiresAt: new Date(Date.now() + 86_400_000),
          dpopJkt: null,
          spentAt: null,
          isSpent: false,
        });
        return { refreshToken };
      }),
    listSpent: () => [...codes, ...refreshTokens].filter(([, { isSpent }]) => isSpent).map(([key]) => key),
  };
}

/** Lets so many at a time wait for so long, in the order they come, also for a caller who waits no more. */
function createLine(places, milliseconds) {
  const waiting = [];
  let free = places;
  return async function ask() {
    if (milliseconds === 0) return;
    if (free === 0) await new Promise((resolve) => waiting.push(resolve));
    else free -= 1;
    await sleep(milliseconds);
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
}
