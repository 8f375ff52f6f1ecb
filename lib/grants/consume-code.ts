import type { Request } from 'express';
import { fault } from '../errors';
import type { Deadline } from '../http/deadline';
import { wrongReturn } from '../received';
import type { AuthorizationCode, TokenRouterOptions } from '../types';
import { invalidCode } from './code-record';
import { isSentTwice, revoke } from './replay';

type Adapters = Pick<TokenRouterOptions, 'findCode' | 'consumeCode' | 'revokeTokens'>;

/**
 * Returns for the one request that spends the code. Every other request is a replay: it revokes what was issued from
 * the code.
 */
export async function consumeOnce(
  record: AuthorizationCode,
  request: { code: string },
  req: Request,
  deadline: Deadline,
  { consumeCode, findCode, revokeTokens }: Adapters,
): Promise<void> {
  const isConsumed: unknown = await deadline.act('consumeCode', () => consumeCode(record, req));
  if (isConsumed === true) return;
  if (isConsumed !== false) {
    throw fault('consume_code_no_boolean', wrongReturn('consumeCode', isConsumed, 'true or false'));
  }
  const spent = await findAgain(record, deadline, () => findCode(request.code, req));
  if (spent && isSentTwice(spent, req, deadline.arrivedAt)) throw invalidCode('code_replayed_at_once');
  throw invalidCode('code_replayed', await revoke('code_replayed', deadline, () => revokeTokens?.(record, req)));
}

/** Finds the record again, because the first one may be from before the code was spent. */
async function findAgain(record: AuthorizationCode, deadline: Deadline, find: () => unknown) {
  if (record.spentAt || record.spentAt === undefined) return record;
  const found = await deadline.settle('findCode', find, 0.5).catch(() => null);
  return found as AuthorizationCode | null | undefined;
}
