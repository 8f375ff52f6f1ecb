import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

describe('A server with NODE_DEBUG', () => {
  const host = `
const express = require('express');
const { createTokenRouter } = require('./dist');
const app = express().use(createTokenRouter({ findCode: () => null, consumeCode: () => false, issueTokens: () => {} }));
const server = app.listen(0, '127.0.0.1', async () => {
  const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: 'spa', code: 'secret-code' });
  await fetch('http://127.0.0.1:' + server.address().port + '/oauth/token', { method: 'POST', body });
  server.close();
});
process.stderr.write = (text) => process.stdout.write(text);`;
  const run = (NODE_DEBUG: string) =>
    execFileSync(process.execPath, ['-e', host], {
      cwd: join(__dirname, '../..'),
      env: { ...process.env, NODE_DEBUG },
      encoding: 'utf8',
    });

  it('prints a refusal, and never the code', () => {
    const told = run('express-token-router');
    expect(told).toMatch(/^EXPRESS-TOKEN-ROUTER \d+: 400 invalid_grant, code_unknown, client "spa"\. /m);
    expect(told).not.toContain('secret-code');
  });

  it('prints nothing where it names something else', () => {
    expect(run('http2')).toBe('');
  });
});
