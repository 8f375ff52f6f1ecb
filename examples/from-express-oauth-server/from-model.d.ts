// The types of from-model.js. A TypeScript project copies both files.
import type { AuthorizationCode, Client, RefreshToken, TokenRouterOptions } from 'express-token-router';
import type { Store } from 'express-token-router/memory';

type Adapter = 'findCode' | 'consumeCode' | 'revokeTokens' | 'refresh' | 'authenticateClient' | 'issueTokens';

export interface ModelOptions<ModelClient> {
  /** `memoryStore()`, `redisStore(…)` or `postgresStore(…)`. */
  store: Store;
  /** Whether a client of the model has no secret. */
  isPublic: (client: ModelClient) => boolean;
  /** The `client_id` of a client of the model. @default client.id */
  clientIdOf?: (client: ModelClient) => string;
  /** The user that `saveToken` gets. `null`: the user is gone. @default { id: userId } */
  findUser?: (userId: string) => unknown;
  /** Seconds. @default 3600 */
  accessTokenLifetime?: number;
  /** Seconds. @default 1209600 */
  refreshTokenLifetime?: number;
}

export function fromModel<Model extends object, ModelClient = { id: string; secret?: string }>(
  model: Model,
  options: ModelOptions<ModelClient>,
): {
  model: Model;
  options: Pick<TokenRouterOptions<AuthorizationCode, Client, RefreshToken>, Adapter>;
};
