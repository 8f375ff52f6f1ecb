import { has } from './ours.mjs';

export const BASELINE = 'bare-express';

/** What the modes are: what is asked for, or what the tokens are. */
export const MODES = {
  opaque: 'opaque token',
  es256: 'ES256 JWT',
  rs256: 'RS256 JWT + id_token',
  json: 'JSON body, opaque token',
  dpop: 'DPoP (ES256, a key each), opaque token',
  refresh: 'refresh token, rotated; opaque tokens',
  refusal: 'a wrong verifier',
  redis: 'Redis, opaque token',
};

const SIGNING = ['opaque', 'es256', 'rs256'];

/**
 * The rigs in the order of the table, with the modes they can be measured in. `baseline` is what a mode's ratios are to,
 * where it is not bare Express in memory. What `needs` names is a part of the package that may not be built.
 */
const ALL = [
  { name: 'bare-node', title: 'node:http, no framework', modes: [...SIGNING, 'dpop', 'refresh'] },
  { name: 'bare-express-end', title: 'bare Express 5, `res.end` and own body reading', modes: [...SIGNING, 'dpop'] },
  {
    name: BASELINE,
    title: '**bare Express 5**, `express.urlencoded`, `res.json`',
    modes: [...SIGNING, 'dpop', 'refresh', 'refusal'],
  },
  { name: 'fastify', title: 'Fastify 5, the same by hand', modes: [...SIGNING, 'json', 'dpop', 'refresh'] },
  { name: BASELINE, title: '**bare Express 5**, `express.json`, `res.json`', modes: ['json'] },
  { name: 'ours', title: '**express-token-router**, limiter off', modes: [...SIGNING, 'json', 'refresh', 'refusal'] },
  { name: 'ours', title: '**express-token-router**, limiter off', modes: ['dpop'], needs: 'dpop/index.js' },
  { name: 'ours-limiter', title: '**express-token-router**, limiter on', modes: [...SIGNING, 'json', 'refresh'] },
  { name: 'ours-limiter', title: '**express-token-router**, limiter on', modes: ['dpop'], needs: 'dpop/index.js' },
  {
    name: 'ours-issuer',
    title: '**express-token-router**, its own issuer',
    modes: ['es256', 'rs256'],
    needs: 'tokens/index.js',
  },
  {
    name: 'ours-memory',
    title: '**express-token-router**, `memoryCodes`',
    modes: ['opaque'],
    needs: 'stores/memory.js',
  },
  { name: 'bare-express-fast', title: '**bare Express 5** on examples/fast', modes: SIGNING },
  {
    name: 'ours-fast',
    title: '**express-token-router** on examples/fast, limiter off',
    modes: [...SIGNING, 'refresh'],
  },
  {
    name: 'ours-limiter-fast',
    title: '**express-token-router** on examples/fast, limiter on',
    modes: [...SIGNING, 'refresh'],
  },
  {
    name: 'ours-issuer-fast',
    title: '**express-token-router** on examples/fast, own issuer',
    modes: ['es256', 'rs256'],
    needs: 'tokens/index.js',
  },
  { name: 'oidc-provider', title: 'oidc-provider', modes: [...SIGNING, 'dpop', 'refresh', 'refusal'] },
  { name: 'mcp', title: 'MCP SDK `tokenHandler`, limiter off', modes: [...SIGNING, 'refresh', 'refusal'] },
  { name: 'mcp-limiter', title: 'MCP SDK `tokenHandler`, limiter on', modes: SIGNING },
  { name: 'node-oauth', title: '@node-oauth/express-oauth-server', modes: [...SIGNING, 'refresh', 'refusal'] },
  { name: 'jmondi', title: '@jmondi/oauth2-server on Express', modes: [...SIGNING, 'refresh', 'refusal'] },
  { name: 'bare-express-redis', title: '**bare Express 5**, the same two commands', modes: ['redis'] },
  { name: 'ours-redis', title: '**express-token-router**, `redisCodes`', modes: ['redis'], needs: 'stores/redis.js' },
];

export const baselineOf = (mode) => (mode === 'redis' ? 'bare-express-redis' : BASELINE);

/** The rigs of a mode, those that are not built left out. */
export const rigsOf = (mode) => ALL.filter(({ modes, needs }) => modes.includes(mode) && (!needs || has(needs)));
