import fc from 'fast-check';
import { Caller, type Held } from '../../lib/http/callers';
import { createSenders } from '../../lib/http/senders';

const senderOf = (caller: Caller): Held => ({
  caller,
  previous: undefined,
  next: undefined,
  wholeAt: 0,
  lose() {},
  leave() {},
});

describe('Those that still send', () => {
  it('are told apart by address: the newcomer takes the oldest place of the address with the most', () => {
    const senders = createSenders(4);
    const [few, many] = [new Caller('few'), new Caller('many')];
    const places = [senderOf(few), senderOf(many), senderOf(many), senderOf(many)];
    expect(places.map((each) => senders.add(each))).toEqual([undefined, undefined, undefined, undefined]);
    expect(senders.add(senderOf(few))).toBe(places[1]);
    expect([few.sending.length, many.sending.length]).toEqual([2, 2]);
  });

  it('lose no place of an address that has fewer than another since one of its own has left', () => {
    const senders = createSenders(4);
    const [fewer, most, one, newcomer] = ['fewer', 'most', 'one', 'newcomer'].map((name) => new Caller(name)) as [
      Caller,
      Caller,
      Caller,
      Caller,
    ];
    const places = [fewer, most, fewer, most].map((caller) => senderOf(caller));
    for (const place of places) senders.add(place);
    senders.remove(places[2] as Held);
    expect([senders.add(senderOf(one)), senders.add(senderOf(newcomer))]).toEqual([undefined, places[1]]);
  });

  it('lose one place for each newcomer, never more, and never the newcomer while another has as many', () => {
    const MAX = 6;
    // Three of four leave nobody, so that the places are taken most of the time.
    const leaves = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(20) });
    const step = fc.record({ address: fc.nat(3), leaves });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const senders = createSenders(MAX);
        const callers = [0, 1, 2, 3].map((each) => new Caller(String(each)));
        const model: Held[] = [];
        const numberOf = (caller: Caller) => model.filter((each) => each.caller === caller).length;

        for (const { address, leaves } of steps) {
          const leaving = leaves === null ? undefined : model.splice(leaves % Math.max(model.length, 1), 1)[0];
          if (leaving) senders.remove(leaving);
          const caller = callers[address] as Caller;
          const most = Math.max(...callers.map(numberOf));
          const sender = senderOf(caller);
          const lost = senders.add(sender);
          if (model.length < MAX) expect(lost).toBeUndefined();
          else {
            const loser = (lost as Held).caller;
            expect(numberOf(loser)).toBe(most);
            expect(model.find((each) => each.caller === loser)).toBe(lost);
            model.splice(model.indexOf(lost as Held), 1);
          }
          model.push(sender);
          expect(callers.map(({ sending }) => sending.length)).toEqual(callers.map(numberOf));
        }
      }),
      { numRuns: 300 },
    );
  });
});
