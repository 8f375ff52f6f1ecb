// What the parts of the pages take for granted: the words that a reader knows from the page around them.
import type { KeyObject } from 'node:crypto';
import type { Express, Request, Response } from 'express';
import type {
  AuthorizationCode,
  Client,
  ClientCredentials,
  ExtensionExchange,
  IssueTokens,
  OAuthError as OAuthErrorClass,
} from 'express-token-router';
import type { memoryStore as createMemoryStore } from 'express-token-router/memory';
import type { createTokenIssuer as createIssuer } from 'express-token-router/tokens';
import type { RedisStore as RateLimitStore } from 'rate-limit-redis';

type Store = ReturnType<typeof createMemoryStore>;

interface HostClient extends Client {
  tokenEndpointAuthMethod: string;
  clientSecretHash?: string;
  audiences: string[];
  scope: string;
}

interface HostCode extends AuthorizationCode {
  userId: string;
  audience: string | null;
  dpopJkt: string | null;
}

declare global {
  // What the pages import once, at their top.
  const createTokenRouter: typeof import('express-token-router').createTokenRouter;
  const OAuthError: typeof OAuthErrorClass;
  const createTokenIssuer: typeof createIssuer;
  const createDpopVerifier: typeof import('express-token-router/dpop').createDpopVerifier;
  const memoryStore: typeof createMemoryStore;
  const express: typeof import('express');
  const RedisStore: typeof RateLimitStore;

  // What a reader has.
  const app: Express;
  const req: Request;
  const res: Response;
  const issuer: string;
  const keys: [{ privateKey: KeyObject }];
  const apis: [{ identifier: string; lifetime: number; scopes: string[]; allowOfflineAccess: boolean }];
  const store: Store;
  const code: string;
  const record: Parameters<Store['saveCode']>[1];
  const userId: string;
  const findCode: (code: string) => Promise<HostCode | null>;
  const consumeCode: (code: HostCode) => Promise<boolean>;
  const issueTokens: ReturnType<typeof createIssuer>['issueTokens'];
  const consumeJti: Store['consumeJti'];
  const tenantOf: (login: object | undefined) => string;
  const findUser: (userId: string) => Promise<{ name: string } | null>;
  const findClient: (clientId: string) => Promise<HostClient | null>;
  const clients: Map<string, HostClient>;
  const authenticateClient: (credentials: ClientCredentials, req: Request) => Promise<HostClient>;
  const clientSecretHash: string;
  const issueForTicket: IssueTokens<ExtensionExchange<Client, 'ticket'>>;
  const redis: Awaited<ReturnType<ReturnType<typeof import('redis').createClient>['connect']>>;
  const sendCommand: (...args: string[]) => Promise<number | string | (number | string)[]>;
  const options: Parameters<typeof import('express-token-router').createTokenRouter>[0] & object;

  // A test runner, and what the guide to testing has made of the kit.
  const login: () => Promise<{ code: string; codeVerifier: string }>;
  const endpoint: ReturnType<typeof import('express-token-router/testing').tokenEndpoint>;
  const createApp: () => { app: Express; store: Store; jwks: ReturnType<typeof createIssuer>['jwks'] };
  const log: ((error: unknown) => void) & { error: (fields: object) => void };
  const metrics: { count: (name: string, labels: object) => void };
}
