import { createCallers } from '../../lib/http/callers';

describe('The addresses with requests in flight', () => {
  it('are known while they have one, and forgotten with the last', () => {
    const callers = createCallers();
    expect(callers.inFlight('203.0.113.9')).toBe(0);
    const caller = callers.add('203.0.113.9');
    expect(callers.add('203.0.113.9')).toBe(caller);
    expect(callers.add('203.0.113.10')).not.toBe(caller);
    expect(callers.inFlight('203.0.113.9')).toBe(2);
    callers.leave(caller);
    expect(callers.inFlight('203.0.113.9')).toBe(1);
    expect(callers.add('203.0.113.9')).toBe(caller);
    callers.leave(caller);
    callers.leave(caller);
    expect(callers.inFlight('203.0.113.9')).toBe(0);
    expect(callers.add('203.0.113.9')).not.toBe(caller);
  });
});
