import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { fetchAlone as fetch, startExample } from './example';

const start = (port?: number) => startExample('quickstart', {}, port === undefined ? {} : { port });

describe('npm start', () => {
  it('makes a round trip, prints a curl line that works each time, and ends at once on Ctrl-C', async () => {
    const { child, port, printed: text, ended } = await start();
    try {
      expect(text).toContain(`POST http://localhost:${port}/oauth/token`);
      expect(text).toMatch(
        /^200 \{\n {2}"access_token": "ey[\w.-]+",\n {2}"token_type": "Bearer",\n {2}"expires_in": 3600\n\}/m,
      );

      const line = text.split('\n').find((each) => each.startsWith('curl -s ')) ?? '';
      const [, back = ''] = /^302 (.*)$/m.exec(text) ?? [];
      expect(await (await fetch(back)).json()).toEqual({ code: expect.stringMatching(/^[\w-]{43}$/) });
      for (const _paste of [1, 2]) {
        const answer = JSON.parse(execFileSync('bash', ['-c', line], { encoding: 'utf8' }));
        expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
      }
      const [, code = ''] = /code=([\w-]{43})$/m.exec(text) ?? [];
      const spent = line.replace(/\$\(.*\)/, code);
      expect(JSON.parse(execFileSync('bash', ['-c', spent], { encoding: 'utf8' })).error).toBe('invalid_grant');

      child.kill('SIGINT');
      expect(await ended).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  }, 120_000);

  it('says so where its port is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    const { printed, ended } = await start(port);
    blocker.close();
    expect([printed.trim(), await ended]).toEqual([
      `Port ${port} is taken. Choose another one: PORT=3001 npm start`,
      1,
    ]);
  }, 120_000);

  it.each([
    ['a redirect_uri that is not registered', 'client_id=demo&redirect_uri=https://evil.example', 400, null],
    ['a client that is not known', 'client_id=other', 400, null],
    [
      'a request without a challenge',
      'client_id=demo&response_type=code&state=s',
      302,
      'state=s&error=invalid_request',
    ],
    [
      'a request for a token',
      'client_id=demo&response_type=token&state=s',
      302,
      'state=s&error=unsupported_response_type',
    ],
  ])(
    'refuses at /authorize %s',
    async (_what, query, status, back) => {
      const { child, port } = await start();
      try {
        const uri = query.includes('redirect_uri') ? '' : `&redirect_uri=http://localhost:${port}/callback`;
        const answer = await fetch(`http://127.0.0.1:${port}/authorize?${query}${uri}`, { redirect: 'manual' });
        expect([answer.status, answer.headers.get('location')?.split('?')[1] ?? null]).toEqual([status, back]);
      } finally {
        child.kill('SIGKILL');
      }
    },
    120_000,
  );
});
