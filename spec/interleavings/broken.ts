import { createExpiringMap } from '../../lib/stores/expiring-map';
import type { Query } from '../../lib/stores/postgres';
import { CONSUME, CONSUME_CODE, REVOKE } from '../../lib/stores/postgres-statements';
import type { SendCommand } from '../../lib/stores/redis';
import * as scripts from '../../lib/stores/redis-scripts';
import { LATE_MS } from '../../lib/stores/rotation';
import type { Break } from './gated-stores';

/** Reads whether the code is spent, and writes that it is: two steps, the second of which nobody looks at. */
export const readThenWriteCodes: Break = (backend, step) => ({
  async consumeCode(grant, spentBy, lifetime) {
    const found = await step('reads the code', () => backend.findCode(grant));
    if (!found || found.spentFor !== null) return false;
    await step('writes the code', () => backend.consumeCode(grant, spentBy, lifetime));
    return true;
  },
});

/** The same for refresh tokens. It does no harm, because saving the next token compares again. */
export const readThenWriteTokens: Break = (backend, step) => {
  const spent = createExpiringMap<{ grant: string }>();
  return {
    async consumeToken(place) {
      const key = `${place.grant} ${place.generation} ${place.number}`;
      if (await step('reads the token', () => spent.get(key) !== undefined)) return false;
      await step('writes the token', () => {
        spent.add(key, { grant: place.grant }, LATE_MS);
        return backend.consumeToken(place);
      });
      return true;
    },
  };
};

/** The same, and whoever has spent a token may save the next one. */
export const trustSpending: Break = (backend, step) => ({
  ...readThenWriteTokens(backend, step),
  saveToken: (token, { presented, ...saved }) =>
    step('saveToken', () =>
      backend.saveToken(token, { ...saved, presented: presented && { ...presented, kind: 'at_once' } }),
    ),
});

/** Looks whether the grant is revoked, and then saves: whoever revokes in between is not seen. */
export const lookThenSave: Break = (backend, step) => ({
  async saveToken(token, saved) {
    const grant = await step('reads the grant', () => backend.findGrant(saved.grant));
    if (grant?.isRevoked) return 'revoked';
    await step('saves the token', () => backend.saveToken(token, saved));
    return 'saved';
  },
});

/** Does not look at the grant of a token that it saves. */
export const saveAnyway: Break = (backend, step) => ({
  saveToken: (token, saved) =>
    step('saveToken', async () => {
      const saving = await backend.saveToken(token, saved);
      return saving === 'revoked' ? 'saved' : saving;
    }),
});

/** Revokes the tokens that were saved, and forgets those on their way. */
export const revokeSaved: Break = (backend, step) => {
  const grants = createExpiringMap<{ grant: string }>();
  return {
    saveToken: (token, saved) =>
      step('saveToken', () => {
        grants.add(saved.grant, { grant: saved.grant }, saved.lifetime);
        return backend.saveToken(token, saved);
      }),
    revoke: (grant, lifetime) => step('revoke', () => grants.get(grant) && backend.revoke(grant, lifetime)),
  };
};

/** Has lost its leeway: a token that was spent just now counts as spent long ago. */
export const loseLeeway: Break = (backend, step) => ({
  findToken: (token) =>
    step('findToken', async () => {
      const found = await backend.findToken(token);
      const isSpent = found && found.rotation.spentFor !== null;
      return isSpent ? { ...found, rotation: { ...found.rotation, spentFor: LATE_MS } } : found;
    }),
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

/** Redis with a script that does not look at the grant of a token that it saves. */
export const joinAnyway =
  (send: SendCommand): SendCommand =>
  (...args) =>
    send(
      ...args.map((text) => (text === scripts.JOIN ? text.replace("if grant[1] then return 'revoked' end", '') : text)),
    );

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

/** PostgreSQL that revokes the tokens that were saved, and forgets those on their way. */
export const revokeRows =
  (query: Query): Query =>
  (text, values) =>
    query(text === REVOKE ? `${text} WHERE g.record IS NOT NULL` : text, values);
