import { randomBytes } from 'node:crypto';
import { waitAsStore } from './codes.mjs';
import { AUDIENCE, CLIENT_ID, USER } from './wire.mjs';

const LIFETIME_MS = 86_400_000;
export const createRefreshToken = () => randomBytes(32).toString('base64url');

/** The refresh tokens of a rig, in this process. Each is used once, and the next one takes its place. */
export function createRefreshTokens() {
  const records = new Map();

  const keep = (refreshToken, { clientId, scope, user, userId, audience, grantId }) => {
    const expiresAt = new Date(Date.now() + LIFETIME_MS);
    const record = { refreshToken, clientId, scope, user, userId, audience, grantId, expiresAt };
    records.set(refreshToken, { ...record, dpopJkt: null, spentAt: null, isSpent: false });
  };

  return {
    prepare(count) {
      records.clear();
      return Array.from({ length: count }, (_, index) => {
        const refreshToken = createRefreshToken();
        const owner = { clientId: CLIENT_ID, user: USER, userId: USER, audience: AUDIENCE, grantId: `grant ${index}` };
        keep(refreshToken, { ...owner, scope: 'read' });
        return { refreshToken };
      });
    },
    async find(refreshToken) {
      await waitAsStore();
      return records.get(refreshToken) ?? null;
    },
    /** `true` for the one call that spends the token. */
    async consume(record) {
      await waitAsStore();
      if (record.isSpent) return false;
      record.isSpent = true;
      return true;
    },
    async save(refreshToken, record) {
      await waitAsStore();
      keep(refreshToken, record);
    },
  };
}
