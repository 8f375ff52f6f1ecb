import type { Request } from 'express';
import { memoryStore } from '../../../lib/stores/memory';
import type { Api } from '../../../lib/tokens';
import { backlog } from '../../../lib/tokens/signature';
import { API, createIssuerEndpoint, goodApi, type HostCode, RSA, refreshRecord } from '../issuer';
import type { Walk, Walked } from './walk';

type Options = Parameters<typeof createIssuerEndpoint>[0];
type Endpoint = ReturnType<typeof createIssuerEndpoint>;

const step =
  (options: Options, send: (endpoint: Endpoint) => PromiseLike<Walked['answer']> = ({ post }) => post()) =>
  async (): Promise<Walked> => {
    const endpoint = createIssuerEndpoint(options);
    return { answer: await send(endpoint), outcomes: endpoint.outcomes };
  };

/** A token that comes again so often, while no successor of it is used. */
const repeating = (times: number) =>
  step({ leeway: 60_000 }, async ({ post, refresh }) => {
    const { body } = await post();
    for (let nth = 0; nth < times; nth += 1) await refresh(body.refresh_token);
    return refresh(body.refresh_token);
  });

/** A refresh whose successor is used, before it has one of its own. */
const overtaken = async (): Promise<Walked> => {
  const store = memoryStore<HostCode>();
  const { post, refresh, outcomes } = createIssuerEndpoint({
    issuer: {
      saveRefreshToken: async (refreshToken, record) => {
        if (record.tokenId !== undefined) {
          // Another request of the same token is faster, and its successor is used.
          await store.saveRefreshToken('faster', record);
          const faster = await store.findRefreshToken('faster');
          if (faster) await store.consumeRefreshToken(faster);
        }
        await store.saveRefreshToken(refreshToken, record);
      },
    },
    refreshTokens: store,
  });
  const { body } = await post();
  return { answer: await refresh(body.refresh_token), outcomes };
};

/** A refresh of a token that was issued while the configuration was another one. */
const refreshing = (record: Parameters<typeof refreshRecord>[0]) =>
  step({}, async ({ refreshTokens, refresh }) => {
    await refreshTokens.saveRefreshToken('an old one', refreshRecord(record));
    return refresh('an old one');
  });

const OTHER: Api = { ...goodApi(), identifier: 'https://other.example/', typ: 'JWT' };

export const walk: Walk = {
  api_unknown: refreshing({ audience: 'https://gone.example/' }),
  offline_access_withdrawn: refreshing({ scope: 'openid read:notes' }),
  resources_not_combinable: step({
    code: { resources: [API, OTHER.identifier] },
    issuer: { apis: [goodApi(), OTHER] },
  }),
  async scope_not_allowed() {
    const endpoint = createIssuerEndpoint();
    await endpoint.refreshTokens.saveRefreshToken(
      'an old one',
      refreshRecord({ scope: 'delete:notes offline_access' }),
    );
    return { answer: await endpoint.refresh('an old one', { scope: 'delete:notes' }), outcomes: endpoint.outcomes };
  },
  user_unknown: step({ issuer: { users: async () => null } }),
  refresh_token_repeated_too_often: repeating(50),
  refresh_token_overtaken: overtaken,
  grant_revoked: step({ issuer: { isRevoked: async () => true } }),
  grant_unknown: step({ issuer: { isRevoked: () => 'unknown' } }),
  async signing_busy() {
    const takeBack = backlog.promise(
      {} as Request,
      [{ expectedMs: () => 10 ** 9, isQueued: true, intervalMs: () => 10 ** 9, tryOut() {} }],
      Number.POSITIVE_INFINITY,
    );
    try {
      return await step({ issuer: { keys: [{ privateKey: RSA.privateKey }] } })();
    } finally {
      takeBack();
    }
  },
  async signature_dropped() {
    const endpoint = createIssuerEndpoint({
      issuer: {
        keys: [{ privateKey: RSA.privateKey }],
        // A verified proof is not there before the code is spent.
        claims: ({ confirmation }, _token, req) => void (confirmation && req.res?.destroy()),
      },
      router: { tokenEndpoint: 'https://auth.example/oauth/token', verifyDpop: async () => ({ jkt: 'a key' }) },
    });
    await endpoint
      .post()
      .set('DPoP', 'a.proof.here')
      .catch(() => {});
    while (endpoint.outcomes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return { answer: undefined, outcomes: endpoint.outcomes };
  },
};
