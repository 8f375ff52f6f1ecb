import { join } from 'node:path';
import { format } from 'node:util';
import type { Outcome } from '../../lib';
import { createRefusalLog } from '../../lib/http/refusal-log';
import { REASONS } from '../../lib/reasons';

/** What is printed of an outcome. */
function printed(outcome: Partial<Outcome>, catalogue?: string): string[] {
  const lines: string[] = [];
  const debug = Object.assign((...told: unknown[]) => void lines.push(format(...told)), { enabled: true });
  const refused: Outcome = {
    outcome: 'refused',
    reason: 'code_unknown',
    status: 400,
    error: 'invalid_grant',
    durationMs: 1,
  };
  createRefusalLog(debug, catalogue)({ ...refused, ...outcome });
  return lines;
}

describe('NODE_DEBUG=express-token-router prints of a refusal', () => {
  it('the status, the error, the reason, the client, what it means and what to do', () => {
    const [line, ...more] = printed({ reason: 'code_verifier_mismatch', clientId: 'spa' });
    expect(more).toEqual([]);
    expect(line).toMatch(/^400 invalid_grant, code_verifier_mismatch, client "spa"\. \S.{20,}\.$/);
  });

  it('that no client was named', () => {
    expect(printed({})[0]).toMatch(/^400 invalid_grant, code_unknown, no client\. /);
  });

  it('a client id on one line, and not all of a long one', () => {
    expect(printed({ clientId: 'a\nb"' })[0]).toContain('client "a\\nb\\"". ');
    expect(printed({ clientId: 'x'.repeat(5000) })[0]?.length).toBeLessThan(1000);
  });

  it('a fault as well', () => {
    const fault = { outcome: 'failed', reason: 'find_code_failed', status: 500, error: 'server_error' } as const;
    expect(printed(fault)[0]).toMatch(/^500 server_error, find_code_failed, no client\. /);
  });

  it.each([
    ['issued', 'code_redeemed'],
    ['served', 'token_introspected'],
  ] as const)('nothing of a success: %s', (outcome, reason) => {
    expect(printed({ outcome, reason, status: 200 })).toEqual([]);
  });

  it('a reason of an adapter’s own', () => {
    expect(printed({ reason: 'user_suspended' })).toEqual([
      '400 invalid_grant, user_suspended, no client. An adapter refused it.',
    ]);
  });

  it('the reason where there is no catalogue', () => {
    expect(printed({}, join(__dirname, 'no-such-file.md'))).toEqual([
      '400 invalid_grant, code_unknown, no client. An adapter refused it.',
    ]);
  });

  it.each(REASONS.filter((reason) => reason !== 'adapter_refused'))('advice out of docs/errors.md: %s', (reason) => {
    expect(printed({ reason })[0]).toMatch(/no client\. [^|]{20,}$/);
    expect(printed({ reason })[0]).not.toContain('An adapter refused it.');
  });
});
