import express from 'express';
import { createHandWritten } from '../lib/hand-written.mjs';
import { PATH } from '../lib/wire.mjs';

/** What a host has that writes the endpoint itself: Express, its body parser, `res.json`. All ratios are to this one. */
export function createRig(parts) {
  const exchange = createHandWritten(parts);
  const parseBody = parts.mode === 'json' ? express.json() : express.urlencoded({ extended: false });

  return express().post(PATH, parseBody, async (req, res) => {
    const answer = await exchange(req.body, req.headers.dpop);
    res.set('Cache-Control', 'no-store');
    res.status(answer.error ? 400 : 200).json(answer);
  });
}
