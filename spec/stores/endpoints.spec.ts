import { memoryStore } from '../../lib/stores/memory';
import { postgresStore, type Query } from '../../lib/stores/postgres';
import { redisStore, type SendCommand } from '../../lib/stores/redis';
import type { AccessTokenRecord } from '../../lib/tokens';
import { createServer, OPAQUE_API, type Server, type Tokens } from '../endpoints/support';
import { describeWith, startPostgres, startRedis, type TestServer } from '../support/servers';
import { type Connection, connectPg, connectRedis, migrate } from './backends';

const ROUNDS = 15;

/** Two nodes of one authorization server. */
type Nodes = () => readonly [Server, Server];

const serve = (...stores: Parameters<typeof createServer>[0][]): readonly Server[] => {
  const accessTokens = new Map<string, AccessTokenRecord>();
  return stores.map((different) => createServer({ accessTokens, ...different }));
};

function describeRevocation(nodesOf: Nodes): void {
  const expectOver = async (server: Server, { access_token, refresh_token }: Tokens, apiId: string) => {
    expect((await server.introspect(access_token, apiId)).text).toBe('{"active":false}');
    const { status, body } = await server.refresh(refresh_token);
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  };

  it.each([
    ['a JWT', undefined, 'api'],
    ['an opaque token', OPAQUE_API, 'opaque'],
  ] as const)('ends %s and its refresh token, here and on the other node', async (_title, audience, apiId) => {
    const [here, there] = nodesOf();
    for (const member of ['refresh_token', 'access_token'] as const) {
      const tokens = await here.logIn('spa', audience ? { audience } : {});
      expect((await there.introspect(tokens.access_token, apiId)).body.active).toBe(true);
      expect((await there.revoke(tokens[member])).status).toBe(200);
      expect(there.reasons().at(-1)).toBe('token_revoked');
      for (const node of [here, there]) await expectOver(node, tokens, apiId);
    }
  });

  it('ends what a refresh brings that races it, whichever comes first', async () => {
    const [here, there] = nodesOf();
    for (let round = 0; round < ROUNDS; round += 1) {
      const tokens = await here.logIn();
      const refresh = () => here.refresh(tokens.refresh_token);
      const revoke = () => there.revoke(tokens.refresh_token);
      const steps = round % 2 === 0 ? [refresh, revoke] : [revoke, refresh];
      const answers = await Promise.all(
        steps.map(async (step) => {
          const { status, body } = await step();
          return { status, body };
        }),
      );
      const { status, body } = answers[round % 2] as (typeof answers)[0];
      expect([200, 400]).toContain(status);
      await expectOver(there, tokens, 'api');
      if (status === 200) await expectOver(here, body, 'api');
      else expect(body.error).toBe('invalid_grant');
    }
  });

  it('leaves the other logins of the user and of the client', async () => {
    const [here, there] = nodesOf();
    const [one, other] = [await here.logIn(), await here.logIn()];
    await there.revoke(one.refresh_token);
    expect((await there.introspect(other.access_token)).body.active).toBe(true);
    expect((await here.refresh(other.refresh_token)).status).toBe(200);
  });
}

describe('A revocation, on memoryStore', () => {
  const store = memoryStore();
  const nodes = serve({ store }, { store }) as [Server, Server];
  describeRevocation(() => nodes);
});

describeWith('redis-server', 'A revocation, on redisStore', () => {
  let server: TestServer;
  let connections: Connection<SendCommand>[] = [];
  let nodes: readonly Server[] = [];

  beforeAll(async () => {
    server = await startRedis();
    connections = await Promise.all([connectRedis(server), connectRedis(server)]);
    nodes = serve(...connections.map(({ send }) => ({ store: redisStore({ sendCommand: send }) })));
  }, 300_000);
  afterAll(async () => {
    await Promise.all(connections.map(({ close }) => close()));
    await server.stop();
  });
  describeRevocation(() => nodes as [Server, Server]);
});

describeWith('postgres', 'A revocation, on postgresStore', () => {
  let server: TestServer;
  let connections: Connection<Query>[] = [];
  let nodes: readonly Server[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    connections = [connectPg(server), connectPg(server)];
    const [first] = connections as [Connection<Query>];
    await migrate(first.send);
    nodes = serve(...connections.map(({ send }) => ({ store: postgresStore({ query: send }) })));
  }, 300_000);
  afterAll(async () => {
    await Promise.all(connections.map(({ close }) => close()));
    await server.stop();
  });
  describeRevocation(() => nodes as [Server, Server]);
});
