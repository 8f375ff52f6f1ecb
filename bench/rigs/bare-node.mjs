import { createHandWritten } from '../lib/hand-written.mjs';
import { readForm } from '../lib/read-form.mjs';

/** `node:http`, no framework: the floor. */
export function createRig(parts) {
  const exchange = createHandWritten(parts);

  return async function handle(req, res) {
    const answer = await exchange(await readForm(req), req.headers.dpop);
    const body = JSON.stringify(answer);
    res.writeHead(answer.error ? 400 : 200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
    });
    res.end(body);
  };
}
