import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express from 'express';
import request from 'supertest';
import * as core from '../../lib';
import * as clientsModule from '../../lib/clients';
import * as memory from '../../lib/stores/memory';
import * as tokens from '../../lib/tokens';
import { API, goodOptions, ISSUER, readToken } from '../support/issuer';

const MODULES: Readonly<Record<string, unknown>> = {
  'express-token-router': core,
  'express-token-router/clients': clientsModule,
  'express-token-router/memory': memory,
  'express-token-router/tokens': tokens,
};
const guide = readFileSync(join(__dirname, '../../docs/guides/grants.md'), 'utf8');
const clientCredentials = [...guide.matchAll(/^```js\n(.*?)^```$/gms)]
  .map(([, code]) => String(code))
  .find((code) => code.includes('client_credentials: clientCredentials('));

/** A function body imports nothing. */
const toRequire = (code = '') => code.replaceAll(/^import (\{[^}]*\}) from ('[^']+');$/gm, 'const $1 = require($2);');

/** Runs a sample of the guide with the names that it does not declare, and mounts the router that it makes. */
function serveSample(code: string | undefined, given: Record<string, unknown>) {
  const require = (name: string) => MODULES[name];
  const run = new Function('require', ...Object.keys(given), `${toRequire(code)}\nreturn router;`);
  const app = express().use(run(require, ...Object.values(given)));
  return (form: Record<string, string>, [id, secret]: [string, string]) =>
    request(app).post('/oauth/token').type('form').auth(id, secret).send(form);
}

describe('docs/guides/grants.md', () => {
  it('serves client credentials as it says', async () => {
    const { clientSecret, clientSecretHash } = clientsModule.createClientSecret();
    const { keys, apis } = goodOptions();
    const given = { clientSecretHash, issuer: ISSUER, keys, apis, store: memory.memoryStore() };
    const post = serveSample(clientCredentials, given);
    const form = { grant_type: 'client_credentials', resource: 'https://api.example' };
    const answer = await post({ ...form, scope: 'read:notes' }, ['nightly-job', clientSecret]);
    expect([answer.status, answer.body.scope]).toEqual([200, 'read:notes']);
    expect(readToken(answer.body.access_token).claims).toMatchObject({ aud: API, sub: 'nightly-job' });
    expect((await post({ ...form, scope: 'openid' }, ['nightly-job', clientSecret])).body.error).toBe('invalid_scope');
    expect((await post(form, ['nightly-job', 'wrong'])).status).toBe(401);
  });
});
