import type { Response } from 'express';
import { endAndClose, isClosedAfterAnswer, letGo } from './connection';

/**
 * Writes a JSON answer. Not `res.json`: that adds an `ETag`, which is a digest of the tokens, and a charset that
 * `application/json` does not have.
 */
export function answer(res: Response, status: number, body: string, headers: Readonly<Record<string, string>>): void {
  // A time-out of the host's may have answered already.
  if (res.headersSent) {
    letGo(res);
    return;
  }
  // No spread of the headers: what is added to one makes a hidden class for every answer.
  const fixed = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  if (isClosedAfterAnswer(res.req)) {
    res.writeHead(status, Object.assign({ Connection: 'close' }, headers, fixed));
    endAndClose(res, body);
    return;
  }
  res.writeHead(status, Object.assign({}, headers, fixed));
  res.end(body);
  letGo(res);
}
