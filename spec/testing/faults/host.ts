import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import cors from 'cors';
import express, { type Request, type RequestHandler } from 'express';
import jwt from 'jsonwebtoken';
import {
  type AuthorizationCode,
  createTokenRouter,
  type Exchange,
  type RefreshExchange,
  type RefreshToken,
} from '../../../lib';
import { createDpopVerifier } from '../../../lib/dpop';
import type { TokenEndpointHost } from '../../../lib/testing';
import { type ClientFault, createAuthentication } from './clients';

export { SECRET } from './clients';

/** What can be wrong with the host, one thing at a time. */
export type Fault =
  | 'a consume that races'
  | 'a lost column'
  | 'a wrong aud'
  | 'a missing cnf'
  | 'a widened scope'
  | 'a proxy that is not trusted'
  | 'a parser that answers HTML'
  | 'a refresh token that is not rotated'
  | 'a tokenEndpoint unlike the mount path'
  | 'a nonce secret of one process'
  | 'a replay that revokes nothing'
  // And beyond the twelve:
  | 'a cors() in front'
  | 'a proxy that is believed too much'
  | 'a code without an end'
  | 'a challenge that is taken from elsewhere'
  | 'a client that is not remembered'
  | 'a refresh token that anybody can use'
  | 'a jti that is not remembered'
  | 'an offline_access that is ignored'
  | 'a consume with a gap of one turn'
  | 'a refresh token that is spent twice at once'
  | 'a replay that ends access tokens only'
  | 'a reuse that leaves access tokens'
  | 'a grant for each user'
  | 'an origin that is compared by its beginning'
  | 'an aud of all that was granted'
  | 'a jti that is the same for all'
  | 'a refresh token that is the same for all'
  | 'an issuer that the request names'
  | 'a limit for each Authorization'
  | ClientFault;

const ISSUER = 'https://auth.example/';
const API = 'https://api.example/';
const URL = 'https://auth.example/oauth/token';
export const APP = 'https://app.example';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [{ ...createPublicKey(privateKey).export({ format: 'jwk' }), kid: 'key 1' }] };
/** What all processes of this host share. */
process.env.SPEC_FAULTS_NONCE_SECRET ??= randomBytes(32).toString('base64url');
const NONCE_SECRET = process.env.SPEC_FAULTS_NONCE_SECRET;

type Code = AuthorizationCode & { grantId: string };
type Token = RefreshToken & { key: string; grantId: string; resources: readonly string[] };
type AnyExchange = Exchange<Code> | RefreshExchange<Token>;

/** What the suite is told of this host. */
export const description: TokenEndpointHost = {
  tokenEndpoint: URL,
  client: { clientId: 'spa' },
  otherClient: { clientId: 'native' },
  scope: 'read:notes write:notes',
  resources: [API],
  issuer: ISSUER,
  dpop: true,
  nonces: true,
  refresh: true,
  revokes: true,
  origins: [APP],
  proxies: 1,
  rateLimit: 15,
};

/** How a host differs that has no fault. */
interface Variant {
  requireDpop?: boolean;
  typ?: string;
  /** Whether refresh tokens stay. */
  keeps?: boolean;
  before?: RequestHandler;
  limit?: number;
}

/** A host with a database some milliseconds away, an issuer of its own, a proxy in front, and at most one fault. */
export function createHost(
  fault?: Fault,
  { requireDpop = false, typ = 'at+jwt', keeps, before, limit = 15 }: Variant = {},
) {
  const has = (one: Fault) => fault === one;
  const codes = new Map<string, Code & { spentAt: Date | null }>();
  const tokens = new Map<string, Token & { spentAt: Date | null }>();
  const revoked = new Set<string>();
  const revokedAccess = new Set<string>();
  const jtis = new Set<string>();
  const query = () => sleep(2);

  async function consume(row: { spentAt?: Date | null } | undefined): Promise<boolean> {
    await query();
    if (!row || row.spentAt) return false;
    if (has('a consume that races') || has('a refresh token that is spent twice at once')) await query();
    if (has('a consume with a gap of one turn')) await sleep(0);
    row.spentAt = new Date();
    return true;
  }

  const sign = (claims: object) =>
    jwt.sign(claims, privateKey, { algorithm: 'ES256', header: { alg: 'ES256', typ, kid: 'key 1' } });

  async function issueTokens(exchange: AnyExchange, req: Request) {
    await query();
    const { code, refreshToken: old, client, confirmation, resources } = exchange;
    const { grantId, scope: granted } = old ?? code;
    const scope = has('a widened scope') || !old ? String(granted) : String(exchange.scope);
    const isOffline =
      String(granted).split(' ').includes('offline_access') && !has('an offline_access that is ignored');
    const iat = Math.floor(Date.now() / 1000);
    const accessToken = sign({
      iss: has('an issuer that the request names') ? `https://${req.get('x-forwarded-host')}/` : ISSUER,
      sub: 'ada',
      aud: has('a wrong aud') ? ISSUER : has('an aud of all that was granted') ? (old ?? code).resources : resources,
      client_id: client.clientId,
      iat,
      exp: iat + 300,
      jti: has('a jti that is the same for all') ? 'jti' : grantId,
      scope,
      ...(confirmation && !has('a missing cnf') && { cnf: confirmation }),
    });
    const made = has('a refresh token that is the same for all') ? 'the same' : randomBytes(32).toString('hex');
    const refreshToken = has('a refresh token that is not rotated') && old ? old.key : made;
    const isKept = old !== undefined && exchange.isRotated === false;
    if (isOffline && !isKept && tokens.get(refreshToken) === undefined) {
      tokens.set(refreshToken, {
        key: refreshToken,
        clientId: client.clientId,
        scope: String(granted),
        expiresAt: new Date(Date.now() + 60_000),
        dpopJkt: has('a refresh token that anybody can use') ? null : (old?.dpopJkt ?? confirmation?.jkt ?? null),
        grantId,
        resources: (old ?? code).resources ?? [],
        spentAt: null,
      });
    }
    return {
      access_token: accessToken,
      expires_in: 300,
      scope,
      ...(isOffline && !isKept && { refresh_token: refreshToken }),
    };
  }

  async function revokeTokens({ grantId }: { grantId: string }) {
    await query();
    if (has('a replay that revokes nothing')) return;
    if (!has('a replay that ends access tokens only')) revoked.add(grantId);
    if (!has('a reuse that leaves access tokens')) revokedAccess.add(grantId);
  }

  const router = createTokenRouter({
    async findCode(code): Promise<Code | null> {
      await query();
      const row = codes.get(code);
      if (!row) return null;
      const { spentAt: _spentAt, ...record } = row;
      if (has('a lost column')) record.redirectUri = null;
      if (has('a code without an end')) record.expiresAt = new Date(Date.now() + 60_000);
      return record;
    },
    consumeCode: ({ codeChallenge }) => consume([...codes.values()].find((row) => row.codeChallenge === codeChallenge)),
    issueTokens: issueTokens as never,
    ...(has('a replay that revokes nothing') ? {} : { revokeTokens }),
    refresh: {
      async findRefreshToken(refreshToken): Promise<Token | null> {
        await query();
        const row = tokens.get(refreshToken);
        return row && !revoked.has(row.grantId) ? { ...row } : null;
      },
      consumeRefreshToken: ({ key }) => has('a refresh token that is not rotated') || consume(tokens.get(key)),
      revokeTokens,
      ...(keeps && { rotates: () => false }),
    },
    authenticateClient: createAuthentication(fault) as never,
    verifyDpop: createDpopVerifier({
      nonceSecret: has('a nonce secret of one process') ? randomBytes(32) : NONCE_SECRET,
      consumeJti({ jti }) {
        if (has('a jti that is not remembered')) return true;
        return jtis.size < jtis.add(jti).size;
      },
    }),
    tokenEndpoint: URL,
    requireDpop,
    allowedOrigins: has('an origin that is compared by its beginning')
      ? (origin: string) => origin.startsWith(APP)
      : [APP],
    // Taken, so that it is not printed.
    onOutcome: (outcome) => void outcome.fault,
    rateLimit: {
      limit,
      validate: false,
      ...(has('a limit for each Authorization') && {
        keyGenerator: (req: express.Request) => req.headers.authorization ?? 'public',
      }),
    },
  });

  const app = express();
  app.set(
    'trust proxy',
    has('a proxy that is believed too much') ? true : has('a proxy that is not trusted') ? false : 1,
  );
  if (before) app.use(before);
  if (has('a parser that answers HTML')) app.use(express.json());
  if (has('a cors() in front')) app.use(cors({ origin: APP, allowedHeaders: ['Content-Type', 'Authorization'] }));
  app.use(has('a tokenEndpoint unlike the mount path') ? '/auth' : '/', router);

  return {
    app,
    jwks,
    async saveCode(code: string, record: AuthorizationCode) {
      const lost = {
        ...(has('a client that is not remembered') && { clientId: 'native' }),
        ...(has('a challenge that is taken from elsewhere') && { codeChallengeMethod: 'S256' }),
      };
      const grantId = has('a grant for each user') ? 'user-ada' : randomBytes(8).toString('hex');
      codes.set(code, { ...record, ...lost, grantId, spentAt: null });
    },
    isActive: (token: string) => !revokedAccess.has(String((jwt.decode(token) as jwt.JwtPayload).jti)),
  };
}
