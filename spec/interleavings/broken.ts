import type { Query } from '../../lib/stores/postgres';
import { CONSUME, CONSUME_CODE } from '../../lib/stores/postgres-statements';
import type { SendCommand } from '../../lib/stores/redis';
import * as scripts from '../../lib/stores/redis-scripts';
import type { Break } from './gated-stores';

/** Reads whether the code is spent, and writes that it is: two steps, the second of which nobody looks at. */
export const readThenWriteCodes: Break = (backend, step) => ({
  async consumeCode(grant, spentBy, lifetime) {
    const found = await step('reads the code', true, () => backend.findCode(grant));
    if (!found || found.spentFor !== null) return false;
    await step('writes the code', false, () => backend.consumeCode(grant, spentBy, lifetime));
    return true;
  },
});

/** The same for refresh tokens. */
export const readThenWriteTokens: Break = (backend, step) => {
  const spent = new Set<string>();
  return {
    async consumeToken(place) {
      const key = JSON.stringify(place);
      if (await step('reads the token', true, () => spent.has(key))) return false;
      await step('writes the token', false, () => {
        spent.add(key);
        return backend.consumeToken(place);
      });
      return true;
    },
  };
};

/** Looks whether the grant is revoked, and then saves: whoever revokes in between is not seen. */
export const lookThenSave: Break = (backend, step) => ({
  async saveToken(token, saved) {
    const grant = await step('reads the grant', true, () => backend.findGrant(saved.grant));
    if (grant?.isRevoked) return 'revoked';
    await step('saves the token', false, () => backend.saveToken(token, saved));
    return 'saved';
  },
});

/** Redis without a script: two commands. */
export const twoCommands =
  (send: SendCommand): SendCommand =>
  async (...args) => {
    const [, script, , key, by] = args;
    if (script !== scripts.CONSUME_CODE) return send(...args);
    const [redeemed] = (await send('HMGET', String(key), 'redeemed')) as unknown[];
    if (redeemed) return 0;
    await send('HSET', String(key), 'redeemed', String(Date.now()), 'by', String(by));
    return 1;
  };

/** PostgreSQL without a condition in the `UPDATE`: two statements. */
export const twoStatements =
  (query: Query): Query =>
  async (text, values) => {
    const condition = { [CONSUME_CODE]: 'spent_at IS NULL', [CONSUME]: 'generation = $2::int' }[text];
    if (condition === undefined) return query(text, values);
    const digest = "digest = decode($1, 'hex')";
    const given = values.slice(0, condition.includes('$2') ? 2 : 1);
    const { rows } = await query(`SELECT 1 FROM oauth_grants WHERE ${digest} AND ${condition}`, given);
    if (rows.length === 0) return { rows: [] };
    await query(text, values);
    return { rows: [{}] };
  };
