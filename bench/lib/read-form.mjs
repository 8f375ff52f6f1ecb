import { parse } from 'node:querystring';

/** Reads a form without a library. */
export function readForm(req) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => resolve(parse(Buffer.concat(chunks).toString())));
    req.on('error', reject);
  });
}
