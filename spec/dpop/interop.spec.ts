import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sign } from 'jsonwebtoken';
import type { DpopAlgorithm, DpopVerifierOptions } from '../../lib/dpop';
import { CODE, CODE_VERIFIER, REDIRECT_URI } from '../support/endpoint';
import { withServer } from '../support/raw';
import { createDpopEndpoint } from './support/prover';

jest.setTimeout(120_000);

const run = promisify(execFile);

/** Lets the unmodified client, in a process of its own, redeem the code of a live app. */
async function redeemWith(library: string, algorithm: DpopAlgorithm, verifier: DpopVerifierOptions) {
  const server = { port: 0 };
  const endpoint = createDpopEndpoint(verifier, {
    tokenEndpoint: () => `http://127.0.0.1:${server.port}/oauth/token`,
    issueTokens: async ({ confirmation }) => ({
      access_token: sign({ cnf: confirmation }, randomBytes(32)),
      expires_in: 60,
    }),
  });
  return withServer(endpoint.app, async (port) => {
    server.port = port;
    const login = {
      issuer: `http://127.0.0.1:${port}`,
      tokenEndpoint: `http://127.0.0.1:${port}/oauth/token`,
      clientId: 'spa',
      redirectUri: REDIRECT_URI,
      codeVerifier: CODE_VERIFIER,
      code: CODE,
      algorithm,
    };
    const client = join(__dirname, 'clients', `${library}.mjs`);
    const { stdout } = await run(process.execPath, [client, JSON.stringify(login)], {
      env: { PATH: process.env.PATH },
    });
    const tokens = JSON.parse(stdout) as Record<string, string>;
    const [, claims = ''] = String(tokens.access_token).split('.');
    return {
      tokens,
      cnf: JSON.parse(Buffer.from(claims, 'base64url').toString()).cnf as { jkt: string },
      reasons: endpoint.reasons(),
    };
  });
}

const nonceSecret = randomBytes(32);
const LIBRARIES = ['oauth4webapi', 'openid-client', 'dpop'];
const ALGORITHMS: DpopAlgorithm[] = ['ES256', 'PS256', 'RS256', 'Ed25519'];

describe.each(LIBRARIES)('%s', (library) => {
  it.each(ALGORITHMS)('redeems a code with a proof by %s', async (algorithm) => {
    const { tokens, cnf, reasons } = await redeemWith(library, algorithm, {});
    expect(reasons).toEqual(['code_redeemed']);
    // openid-client and oauth4webapi write the type in small letters.
    expect(tokens.token_type).toMatch(/^dpop$/i);
    expect(cnf).toEqual({ jkt: expect.stringMatching(/^[\w-]{43}$/) });
    if (tokens.jkt !== undefined) expect(cnf.jkt).toBe(tokens.jkt);
  });

  it('meets the demand for a nonce, and redeems the same code with it', async () => {
    const { tokens, reasons } = await redeemWith(library, 'ES256', { nonceSecret });
    expect(reasons).toEqual(['dpop_nonce_missing', 'code_redeemed']);
    expect(tokens.token_type).toMatch(/^dpop$/i);
  });
});
