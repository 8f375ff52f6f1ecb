import type { Request } from 'express';
import { digestOfAddress } from '../address';
import { tellFacts } from '../facts';
import type { AuthorizationCode } from '../types';
import type { Backend } from './backend';
import { checkCode } from './code-fields';
import { digestOf } from './digest';
import { checkGrantId, instantBefore, lifetimeUntil, parseRecord, serializeRecord, userOf } from './record';

/** A found record of a code: what was saved, and what the store adds. */
export type FoundCodeRecord<Code> = Code & {
  grantId: string;
  /** When the code was spent, by this node's clock. Left out with `strictReplay`. */
  spentAt?: Date | null;
  /** A digest of the address that spent it. Left out with `strictReplay`. */
  spentBy?: string | null;
};

interface Options {
  strictReplay: boolean;
  /** Milliseconds for which a spent code is kept. */
  spentLifetime: () => number;
}

/** Authorization codes. Each one begins a grant (RFC 6749 §4.1.2). */
export function createCodes<Code extends AuthorizationCode>(
  backend: Backend,
  { strictReplay, spentLifetime }: Options,
) {
  const codes = {
    /**
     * Saves a code and its record, which must be plain data and dates. Keep the returned `grantId` in the user's
     * session: a logout needs it.
     *
     * @throws TypeError if the token endpoint could not use the record.
     * @throws Error if the code was saved before, spent or not.
     */
    async saveCode(code: string, record: Code, req?: Request): Promise<{ grantId: string }> {
      checkCode(record);
      const grantId = digestOf(code);
      const { spentAt, spentBy, ...kept } = record;
      const text = serializeRecord({ ...kept, grantId: undefined });
      const lifetime = lifetimeUntil(record.expiresAt);
      const user = userOf(record);
      const saved = { text, lifetime, spentLifetime: spentLifetime(), user: user && backend.digest(user) };
      const isSaved = await backend.saveCode(backend.digest(grantId), saved, req);
      if (!isSaved) throw new Error('saveCode: this code was saved before; codes are random and used once');
      return { grantId };
    },

    /** Finds the record of a code, spent or not, with the `grantId` of its grant. `null` for an unknown code. */
    async findCode(code: string, req?: Request): Promise<FoundCodeRecord<Code> | null> {
      const grantId = digestOf(code);
      const found = await backend.findCode(backend.digest(grantId), req);
      if (!found) return null;
      const { text, spentFor, spentBy } = found;
      const spent = strictReplay ? {} : { spentAt: instantBefore(spentFor), spentBy };
      return Object.assign(parseRecord<Code>(text), { grantId, ...spent });
    },

    /** Spends the code in one atomic step. Returns `true` for exactly one call. */
    async consumeCode({ grantId }: { grantId: string }, req?: Request): Promise<boolean> {
      checkGrantId('consumeCode', grantId);
      const spentBy = req && !strictReplay ? digestOfAddress(req) : null;
      return backend.consumeCode(backend.digest(grantId), spentBy, spentLifetime(), req);
    },
  };
  tellFacts(codes.findCode, { spentLifetime });
  return codes;
}
