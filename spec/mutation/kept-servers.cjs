// spec/support/servers.ts for `npm run mutation:texts`: only one language is tried, and PostgreSQL stays for all mutants.
const { Client } = require('pg');
const servers = require('../support/servers.ts');

const { MUTATION_SERVER: wanted, MUTATION_POSTGRES: kept } = process.env;

/** Only the blocks that need the server of this language, and none besides. */
function describeWith(names, title, body) {
  const needed = [names].flat();
  if (needed.length === 1 && needed[0] === wanted) servers.describeWith(names, title, body);
  else describe.skip(title, body);
}

/** An empty database on the server that stays. Nobody else is connected to it. */
async function startPostgres(args = []) {
  if (!kept || args.length > 0) return servers.startPostgres(args);
  const client = new Client({ host: '127.0.0.1', port: Number(kept), user: 'postgres', database: 'postgres' });
  await client.connect();
  await client.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
  );
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  await client.end();
  return { port: Number(kept), async stop() {} };
}

module.exports = { ...servers, describeWith, startPostgres };
