import express from 'express';
import { createHandWritten } from '../lib/hand-written.mjs';
import { readForm } from '../lib/read-form.mjs';
import { PATH } from '../lib/wire.mjs';

/** Express for the route only: the body is read by hand, the answer written with `res.end`. */
export function createRig(parts) {
  const exchange = createHandWritten(parts);

  return express().post(PATH, async (req, res) => {
    const answer = await exchange(await readForm(req), req.headers.dpop);
    const body = JSON.stringify(answer);
    res.writeHead(answer.error ? 400 : 200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
    });
    res.end(body);
  });
}
