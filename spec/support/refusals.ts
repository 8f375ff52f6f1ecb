import type { Response } from 'supertest';
import type { createEndpoint } from './endpoint';
import { goodForm } from './endpoint';

type Endpoint = ReturnType<typeof createEndpoint>;

/** What every refusal looks like on the wire, and why it was one. */
export interface Refusal {
  status?: number;
  error: string;
  description?: string;
  reason: string;
}

/** Asserts the wire and the reason of the last request. */
export function expectRefusal(
  answer: Response,
  endpoint: Endpoint,
  { status = 400, error, description, reason }: Refusal,
) {
  expect({
    status: answer.status,
    type: answer.headers['content-type'],
    cache: answer.headers['cache-control'],
    pragma: answer.headers.pragma,
    etag: answer.headers.etag,
    members: Object.keys(answer.body),
    error: answer.body.error,
    reason: endpoint.outcomes.at(-1)?.reason,
  }).toEqual({
    status,
    type: 'application/json',
    cache: 'no-store',
    pragma: 'no-cache',
    etag: undefined,
    members: ['error', 'error_description'],
    error,
    reason,
  });
  expect(answer.body.error_description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
  if (description !== undefined) expect(answer.body.error_description).toBe(description);
}

/** Asserts that whatever was refused, the code's owner can still redeem it. */
export async function expectRedeemable(endpoint: Endpoint, form = goodForm()) {
  const answer = await endpoint.post(form);
  expect([answer.status, endpoint.calls.filter((call) => call === 'issueTokens').length]).toEqual([200, 1]);
}
