import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** Runs the example in a process of its own, whose log is JSON: a success, a refusal, a fault; then metrics and spans. */
const PROGRAM = `
const { app, spans, store } = require('./examples/observe/server.js');
const record = {
  clientId: 'spa', userId: 'ann', scope: 'read:notes', audience: null, redirectUri: null, nonce: null,
  codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', codeChallengeMethod: 'S256',
  expiresAt: new Date(Date.now() + 60000),
};
const server = app.listen(0, '127.0.0.1', async () => {
  const base = 'http://127.0.0.1:' + server.address().port;
  const redeem = (code) => fetch(base + '/oauth/token', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code', client_id: 'spa', code,
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    }),
  });
  await store.saveCode('good', record);
  await store.saveCode('bad', { ...record, audience: 'https://gone.example/' });
  for (const code of ['good', 'unknown', 'bad']) await redeem(code);
  const metrics = await (await fetch(base + '/metrics')).text();
  console.log(JSON.stringify({
    metrics,
    spans: spans.getFinishedSpans().map(({ name, status, attributes, events }) => ({
      name, status: status.code, reason: attributes['oauth.reason'], events: events.length,
    })),
  }));
  server.close();
});`;

interface Line {
  level?: number;
  reason?: string;
  err?: { message: string; stack: string };
  metrics?: string;
  spans?: object[];
}

describe('The example that is observed', () => {
  it('logs each request with its reason and faults with their stack, counts it, and makes a span', async () => {
    const child = spawn(process.execPath, ['-e', PROGRAM], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    await once(child, 'close');
    const lines: Line[] = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const told = lines.find(({ metrics }) => metrics);
    const logged = lines.filter((line) => line !== told);
    expect(logged.map(({ level, reason }) => [level, reason])).toEqual([
      [30, 'code_redeemed'],
      [40, 'code_unknown'],
      [50, 'issue_tokens_failed'],
    ]);
    expect(logged[2]?.err?.message).toContain('audience');
    expect(logged[2]?.err?.stack).toContain('at ');
    expect(told?.metrics).toContain('token_requests_total{outcome="issued",reason="code_redeemed"} 1');
    expect(told?.metrics).toContain('token_request_seconds_count{outcome="failed"} 1');
    expect(told?.spans).toEqual([
      { name: 'POST /oauth/token', status: 0, reason: 'code_redeemed', events: 0 },
      { name: 'POST /oauth/token', status: 0, reason: 'code_unknown', events: 0 },
      { name: 'POST /oauth/token', status: 2, reason: 'issue_tokens_failed', events: 1 },
    ]);
  }, 60_000);
});
