import request from 'supertest';
import { createDpopVerifier, type DpopVerifierOptions } from '../../lib/dpop';
import { memoryJtis } from '../../lib/stores/memory';
import { badProofs, badRequests, createDpopProver, tokenEndpoint } from '../../lib/testing';
import { CODE, CODE_VERIFIER, createEndpoint } from '../support/endpoint';
import { createRefreshEndpoint, REFRESH_TOKEN } from '../support/refresh';

const URL = 'https://auth.example/oauth/token';
const good = { code: CODE, codeVerifier: CODE_VERIFIER };
const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);

describe('Each of badRequests', () => {
  it.each(badRequests())('is refused, and spends nothing: $name', async ({ change, status, error, reason }) => {
    const { app, reasons } = createEndpoint();
    const endpoint = tokenEndpoint(request(app));
    expect(await endpoint.redeem({ ...good, change })).toMatchObject({ status, body: { error } });
    expect((await endpoint.redeem(good)).status).toBe(200);
    expect(reasons()).toEqual([reason, 'code_redeemed']);
  });

  it.each(badRequests({ grantType: 'refresh_token' }))(
    'is refused, and spends no refresh token: $name',
    async ({ change, status, error, reason }) => {
      const { app, reasons } = createRefreshEndpoint();
      const endpoint = tokenEndpoint(request(app));
      const refused = await endpoint.refresh({ refreshToken: REFRESH_TOKEN, change });
      expect(refused).toMatchObject({ status, body: { error } });
      expect((await endpoint.refresh({ refreshToken: REFRESH_TOKEN })).status).toBe(200);
      expect(reasons()).toEqual([reason, 'refresh_token_redeemed']);
    },
  );

  it.each(badRequests().filter(({ name }) => !name.startsWith('another code_verifier')))(
    'is refused of a client with a secret too: $name',
    async ({ change, status, error }) => {
      const client = { clientId: 'spa', clientSecret: 's3cret' };
      const { app } = createEndpoint({ authenticateClient: () => ({ clientId: 'spa' }) });
      const refused = await tokenEndpoint(request(app), { client }).redeem({ ...good, change });
      expect(refused).toMatchObject({ status, body: { error } });
    },
  );

  it('has a name of its own, and is left out where parsers of the host answer first', () => {
    const all = names(badRequests());
    expect(new Set(all).size).toBe(all.length);
    const behindParsers = names(badRequests({ parsers: true }));
    expect(all.filter((name) => !behindParsers.includes(name))).toEqual([
      'a body in plain text',
      'JSON that is cut short',
      'JSON that is no object',
      'UTF-16',
      'a body with Content-Encoding: gzip',
      'a body of 40 kilobytes',
    ]);
  });
});

function createDpopEndpoint(verifier: Partial<DpopVerifierOptions> = {}) {
  const verifyDpop = createDpopVerifier({ ...memoryJtis(), algorithms: ['ES256', 'Ed25519'], ...verifier });
  return createEndpoint({ verifyDpop, tokenEndpoint: URL });
}

describe('Each of badProofs', () => {
  const prover = createDpopProver();

  it.each(badProofs(prover, { tokenEndpoint: URL }))(
    'is refused, and spends nothing: $name',
    async ({ proof, status, error, reason }) => {
      const { app, reasons } = createDpopEndpoint();
      const endpoint = tokenEndpoint(request(app), { prover, tokenEndpoint: URL });
      expect(await endpoint.redeem({ ...good, proof })).toMatchObject({ status, body: { error } });
      expect(await endpoint.redeem(good)).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
      expect(reasons()).toEqual([reason, 'code_redeemed']);
    },
  );

  it.each(badProofs(prover, { tokenEndpoint: URL, nonces: true }))(
    'is refused by a server with nonces: $name',
    async ({ proof, status, error, reason }) => {
      const { app, reasons } = createDpopEndpoint({ nonceSecret: 'x'.repeat(32) });
      const endpoint = tokenEndpoint(request(app), { prover, tokenEndpoint: URL });
      expect(await endpoint.redeem({ ...good, proof })).toMatchObject({ status, body: { error } });
      expect(await endpoint.redeem(good)).toMatchObject({ status: 200 });
      expect(reasons()).toContain(reason);
    },
  );

  it('can be made with a key of another type', async () => {
    const ed25519 = createDpopProver({ alg: 'Ed25519' });
    const row = badProofs(ed25519, { tokenEndpoint: URL }).find(({ name }) => name === 'a key of another type');
    const { app, reasons } = createDpopEndpoint();
    const endpoint = tokenEndpoint(request(app), { prover: ed25519, tokenEndpoint: URL });
    await endpoint.redeem({ ...good, proof: row?.proof });
    expect(reasons()).toEqual(['dpop_key_unsuitable']);
  });

  it('is too old by the maxAge of the verifier', async () => {
    const { app, reasons } = createDpopEndpoint({ maxAge: 3600 });
    const rows = badProofs(prover, { tokenEndpoint: URL, maxAge: 3600 });
    const old = rows.find(({ name }) => name === 'an old proof');
    await tokenEndpoint(request(app), { prover, tokenEndpoint: URL }).redeem({ ...good, proof: old?.proof });
    expect(reasons()).toEqual(['dpop_proof_too_old']);
    expect(new Set(names(rows)).size).toBe(rows.length);
  });
});
