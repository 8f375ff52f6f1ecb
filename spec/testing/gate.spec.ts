import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGate } from '../../lib/testing/gate';
import { createProbe } from '../../lib/testing/inspect-probe';

describe('A gate', () => {
  it('opens when as many have come as it waits for, in their order', () => {
    const passed: string[] = [];
    const gate = createGate(3);
    const arrive = (name: string) => gate.arrive(() => passed.push(name));
    arrive('a');
    arrive('b');
    expect(passed).toEqual([]);
    arrive('c');
    expect(passed).toEqual(['a', 'b', 'c']);
  });

  it('lets those pass that come later, each once', () => {
    const passed: string[] = [];
    const gate = createGate(1);
    for (const name of ['a', 'b', 'c']) gate.arrive(() => passed.push(name));
    expect(passed).toEqual(['a', 'b', 'c']);
  });

  it('holds the last byte of a body until all requests have arrived', async () => {
    const log: string[] = [];
    const app = async (req: IncomingMessage, res: ServerResponse) => {
      log.push('arrives');
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk);
      log.push(`${Buffer.concat(chunks)} of ${req.headers['content-length']}`);
      res.end();
    };
    const probe = await createProbe(app as never);
    const gate = createGate(3);
    try {
      await Promise.all(['ä1', 'ä2', 'ä3'].map((body) => probe.send({ method: 'POST', path: '/', body }, gate)));
      expect(log.slice(0, 3)).toEqual(['arrives', 'arrives', 'arrives']);
      expect(log.slice(3).sort()).toEqual(['ä1 of 3', 'ä2 of 3', 'ä3 of 3']);
    } finally {
      probe.close();
    }
  });

  it('holds no request without a body', async () => {
    const probe = await createProbe((_req, res) => void res.end());
    try {
      const { response } = await probe.send({ method: 'GET', path: '/' }, createGate(2));
      expect(response.status).toBe(200);
    } finally {
      probe.close();
    }
  });
});
