import { createHash, timingSafeEqual } from 'node:crypto';
import { createRefreshToken } from './refresh-tokens.mjs';
import { CLIENT_ID } from './wire.mjs';

const clients = new Map([CLIENT_ID, 'web'].map((clientId) => [clientId, { clientId }]));

/** The work of a mode by hand: the same in every rig without a library. */
export function createHandWritten({ mode, refreshTokens, issue, ...parts }) {
  if (mode !== 'refresh') return createExchange({ issue, ...parts });
  return createRefresh({ refreshTokens, issue: createIssueNext({ refreshTokens, issue }) });
}

/** Issues tokens and saves the refresh token that takes the place of the spent one. */
export function createIssueNext({ refreshTokens, issue }) {
  return async function issueNext(record) {
    const tokens = await issue(record);
    tokens.refresh_token = createRefreshToken();
    await refreshTokens.save(tokens.refresh_token, record);
    return tokens;
  };
}

/**
 * The exchange as a host writes it without a library: client, code, redirect_uri, PKCE, one use. Nothing is validated
 * beyond that.
 */
export function createExchange({ codes, issue, checkProof }) {
  return async function exchange(parameters, proof) {
    const { grant_type, client_id, code, code_verifier, redirect_uri } = parameters;
    if (grant_type !== 'authorization_code') return { error: 'unsupported_grant_type' };
    if (!clients.has(client_id)) return { error: 'invalid_client' };
    const record = await codes.find(code);
    if (!record || record.clientId !== client_id || record.expiresAt < new Date()) return { error: 'invalid_grant' };
    if (record.redirectUri !== redirect_uri) return { error: 'invalid_grant' };
    if (!matches(code_verifier, record.codeChallenge)) return { error: 'invalid_grant' };
    const jkt = proof === undefined ? undefined : checkProof(proof);
    if (proof !== undefined && jkt === undefined) return { error: 'invalid_dpop_proof' };
    if (!(await codes.consume(record))) return { error: 'invalid_grant' };
    return { ...(await issue(record, jkt)), token_type: jkt ? 'DPoP' : 'Bearer' };
  };
}

/** The refresh grant as a host writes it: client, lifetime, one use, and the next token in its place. */
export function createRefresh({ refreshTokens, issue }) {
  return async function refresh(parameters) {
    const { grant_type, client_id, refresh_token } = parameters;
    if (grant_type !== 'refresh_token') return { error: 'unsupported_grant_type' };
    if (!clients.has(client_id)) return { error: 'invalid_client' };
    const record = await refreshTokens.find(refresh_token);
    if (!record || record.clientId !== client_id || record.expiresAt < new Date()) return { error: 'invalid_grant' };
    if (!(await refreshTokens.consume(record))) return { error: 'invalid_grant' };
    return { ...(await issue(record)), token_type: 'Bearer' };
  };
}

function matches(codeVerifier, codeChallenge) {
  const actual = createHash('sha256').update(codeVerifier).digest();
  const expected = Buffer.from(codeChallenge, 'base64url');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
