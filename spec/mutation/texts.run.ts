import { postgresJtis, postgresStore, type Query } from '../../lib/stores/postgres';
import * as statements from '../../lib/stores/postgres-statements';
import * as scripts from '../../lib/stores/redis-scripts';
import { usePostgres, useRedis } from '../stores/backends';
import { describeWith } from '../support/servers';

/** Each statement that a store sends, those that have no name as well. */
async function listStatements(): Promise<string[]> {
  const sent: string[] = Object.values(statements);
  const query: Query = (text) => {
    sent.push(text);
    return { rows: [] };
  };
  await postgresJtis({ query }).consumeJti({ jti: 'a jti', jkt: 'a key', expiresAt: new Date() });
  await postgresStore({ query }).purge();
  return sent;
}

describeWith('postgres', 'PostgreSQL', () => {
  const { send } = usePostgres();

  it('takes the schema, and every statement on its tables', async () => {
    for (const text of await listStatements()) await send(`PREPARE taken AS ${text}; DEALLOCATE taken`, []);
  });
});

describeWith('redis-server', 'Redis', () => {
  const { send } = useRedis();

  it('takes every script', async () => {
    for (const script of Object.values(scripts)) {
      if (typeof script === 'string') await send('SCRIPT', 'LOAD', script);
    }
  });
});
