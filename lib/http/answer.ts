import { OutgoingMessage } from 'node:http';
import type { Response } from 'express';
import { endAndClose, isClosedAfterAnswer, letGo } from './connection';

/**
 * Sends a JSON answer, or one without a body and a media type. Not `res.json`: it adds an `ETag`, which is a digest of
 * the tokens, and a charset, which `application/json` does not have.
 */
export function answer(
  res: Response,
  status: number,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
): void {
  // A time-out of the host may have answered already.
  if (isAnswered(res)) {
    letGo(res);
    return;
  }
  // Some hosts write their own head when the answer ends, and take the status from here.
  res.statusCode = status;
  // Object.assign and no spread: adding members to a spread object makes V8 create a hidden class for every answer.
  const text = body ?? '';
  const length = Buffer.byteLength(text);
  const fixed =
    body === undefined
      ? { 'Content-Length': length }
      : { 'Content-Type': 'application/json', 'Content-Length': length };
  // A client that gets tokens has sent its whole body.
  if (status !== 200 && isClosedAfterAnswer(res.req)) {
    res.writeHead(status, Object.assign({ Connection: 'close' }, headers, fixed));
    endAndClose(res, text);
    return;
  }
  res.writeHead(status, Object.assign({}, headers, fixed));
  res.end(text);
  letGo(res);
}

/** Whether the head has been sent. Node's own answer counts too: `@fastify/express` puts another `headersSent` over it. */
export function isAnswered(res: Response): boolean {
  return res.headersSent || Reflect.get(OutgoingMessage.prototype, 'headersSent', res);
}
