import { InvalidGrantError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { tokenHandler } from '@modelcontextprotocol/sdk/server/auth/handlers/token.js';
import express from 'express';
import { createIssueNext } from '../lib/hand-written.mjs';
import { CLIENT_ID, PATH, REDIRECT_URI } from '../lib/wire.mjs';

/** The MCP SDK's `tokenHandler`. Binding, expiry and the one use of a code are its host's to write. */
export function createRig({ codes, refreshTokens, issue }, { isLimited = false, ...own } = {}) {
  const client = { client_id: CLIENT_ID, redirect_uris: [REDIRECT_URI] };
  const issueNext = createIssueNext({ refreshTokens, issue });

  const findCode = async (code, client) => {
    const record = await codes.find(code);
    if (record?.clientId === client.client_id) return record;
    throw new InvalidGrantError('no such code');
  };

  const provider = {
    clientsStore: { getClient: async (clientId) => (clientId === CLIENT_ID ? client : undefined) },
    challengeForAuthorizationCode: async (client, code) => (await findCode(code, client)).codeChallenge,
    async exchangeAuthorizationCode(client, code, _codeVerifier, redirectUri) {
      const record = await findCode(code, client);
      if (record.redirectUri !== redirectUri) throw new InvalidGrantError('another redirect_uri');
      if (record.expiresAt < new Date()) throw new InvalidGrantError('the code is over');
      if (!(await codes.consume(record))) throw new InvalidGrantError('the code is spent');
      return { ...(await issue(record)), token_type: 'Bearer' };
    },
    async exchangeRefreshToken(client, refreshToken) {
      const record = await refreshTokens.find(refreshToken);
      if (record?.clientId !== client.client_id) throw new InvalidGrantError('no such token');
      if (record.expiresAt < new Date()) throw new InvalidGrantError('the token is over');
      if (!(await refreshTokens.consume(record))) throw new InvalidGrantError('the token is spent');
      return { ...(await issueNext(record)), token_type: 'Bearer' };
    },
  };

  // Its limiter counts successes too; only its limit is raised, so that it does the same work and lets the load through.
  const rateLimit = isLimited ? { max: 1e9 } : false;
  return express().use(PATH, tokenHandler({ provider, rateLimit, ...own }));
}
