import { Readable } from 'node:stream';
import type { Request } from 'express';
import type { OAuthError } from '../../lib';
import { readBody } from '../../lib/http/body';
import { isClosedAfterAnswer } from '../../lib/http/connection';
import { type Bounds, createInFlight, type InFlight } from '../../lib/http/in-flight';
import type { Place } from '../../lib/http/place';

const nobody = () => false;
const createRequest = () => ({ complete: true }) as unknown as Request;
/** A request whose body never ends. */
const createSender = () =>
  Object.assign(new Readable({ read() {} }), {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    socket: {},
    complete: true,
  }) as unknown as Request;
const ADDRESS = '203.0.113.9';

const createBounded = (bounds: Partial<Bounds> = {}) =>
  createInFlight({ maxInFlight: 2000, maxInFlightPerAddress: 1000, ...bounds });

const enter = (inFlight: InFlight, address = ADDRESS) => inFlight.enter(address, nobody) as Place;

/** Enters, and has its body whole. */
function enterWhole(inFlight: InFlight, address = ADDRESS): Place {
  const place = enter(inFlight, address);
  place.becomeWhole();
  return place;
}

/** The reason of the refusal, thrown or rejected with. */
async function reasonOf(step: () => unknown): Promise<string> {
  try {
    await step();
  } catch (thrown) {
    const { error, headers, reason, counts } = thrown as OAuthError;
    expect([error, headers, counts]).toEqual(['temporarily_unavailable', { 'Retry-After': '1' }, false]);
    return reason;
  }
  return 'none';
}

/** What the operator is told of the refusal, thrown or rejected with. */
async function causeOf(step: () => unknown): Promise<unknown> {
  try {
    await step();
  } catch (thrown) {
    return (thrown as OAuthError).cause;
  }
  throw new Error('it was not refused');
}

/** As many addresses as asked for. */
const addresses = (number: number) => Array.from({ length: number }, (_, index) => `198.51.100.${index}`);

describe('In flight in one router', () => {
  it('are at most maxInFlight whose body is whole, and one that leaves makes room', async () => {
    const inFlight = createBounded({ maxInFlight: 2 });
    const [first] = addresses(2).map((address) => enterWhole(inFlight, address));
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight');
    first?.leave();
    first?.leave();
    enterWhole(inFlight);
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight');
  });

  it('are counted down once for their address, however often they leave', async () => {
    const inFlight = createBounded({ maxInFlightPerAddress: 2 });
    const [first] = [enterWhole(inFlight), enterWhole(inFlight)];
    first?.leave();
    first?.leave();
    enterWhole(inFlight);
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight_of_address');
  });

  it('are counted once, however often their body is said to be whole', () => {
    const inFlight = createBounded({ maxInFlight: 1 });
    const place = enterWhole(inFlight);
    expect(() => place.becomeWhole()).not.toThrow();
  });

  it('are refused where those in flight wait for each other', async () => {
    let now = 1000;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    const inFlight = createBounded();
    const redeem = (tookMs: number) => {
      const place = enterWhole(inFlight);
      now += tookMs;
      place.isServed = true;
      place.leave();
    };
    redeem(50);
    for (let each = 0; each < 8; each += 1) redeem(3000);
    const held = Array.from({ length: 101 }, () => enterWhole(inFlight));
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight');
    held[0]?.leave();
    enter(inFlight);
    clock.mockRestore();
  });

  it('are not refused where only those that are refused take long', async () => {
    let now = 1000;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    const inFlight = createBounded();
    for (let each = 0; each < 8; each += 1) {
      const place = enterWhole(inFlight);
      now += each === 0 ? 50 : 3000;
      place.leave();
    }
    for (let each = 0; each < 101; each += 1) enterWhole(inFlight);
    enter(inFlight);
    clock.mockRestore();
  });

  it('do not become more by bodies that are whole later', async () => {
    const inFlight = createBounded({ maxInFlight: 1 });
    const late = enter(inFlight);
    const receiving = enter(inFlight).receive(new Promise<never>(() => {}), createRequest());
    enterWhole(inFlight, '198.51.100.1');
    expect(await reasonOf(() => late.receive(Promise.resolve('a body'), createRequest()))).toBe('too_many_in_flight');
    late.leave();
    expect(await Promise.race([receiving, Promise.resolve('waits')])).toBe('waits');
  });

  it('bring their body, or what came in its place', async () => {
    const inFlight = createBounded();
    await expect(enter(inFlight).receive(Promise.resolve('a body'), createRequest())).resolves.toBe('a body');
    await expect(enter(inFlight).receive(Promise.reject(new Error('truncated')), createRequest())).rejects.toThrow(
      'truncated',
    );
  });

  it('do not need a place of the others while they send', () => {
    const inFlight = createBounded({ maxInFlight: 1 });
    for (const address of addresses(100)) enter(inFlight, address);
    enterWhole(inFlight);
  });
});

describe('The operator is told', () => {
  it('that maxInFlight is reached, for one who arrives and for one whose body is whole', async () => {
    const inFlight = createBounded({ maxInFlight: 1 });
    const late = enter(inFlight);
    enterWhole(inFlight);
    const told = new Error('As many requests are in flight as maxInFlight allows');
    expect(await causeOf(() => enter(inFlight))).toEqual(told);
    expect(await causeOf(() => late.becomeWhole())).toEqual(told);
  });

  it('that maxInFlightPerAddress is reached', async () => {
    const inFlight = createBounded({ maxInFlightPerAddress: 1 });
    enter(inFlight);
    expect(await causeOf(() => enter(inFlight))).toEqual(
      new Error('As many requests of this address are in flight as maxInFlightPerAddress allows'),
    );
  });

  it('that the oldest one of the address with the most has lost its place', async () => {
    const inFlight = createBounded({ maxInFlightPerAddress: 5000 });
    const oldest = enter(inFlight);
    for (let i = 0; i < 4000; i += 1) enter(inFlight);
    expect(await causeOf(() => oldest.receive(Promise.resolve(), createRequest()))).toEqual(
      new Error('4000 requests still send, and this is the oldest of the address with the most of them'),
    );
  });

  it('that 20 of an address authenticate, and the others did not get their turn', async () => {
    const inFlight = createBounded();
    for (let i = 0; i < 20; i += 1) void enterWhole(inFlight).authenticate(() => new Promise(() => {}));
    const place = enterWhole(inFlight);
    const asked = causeOf(() => place.authenticate(() => 'a client'));
    place.giveUp();
    expect(await asked).toEqual(new Error('20 requests of this address are in authenticateClient'));
  });
});

describe('While the event loop is late', () => {
  it('nobody enters', async () => {
    const inFlight = createBounded();
    enter(inFlight);
    for (let turn = 0; turn < 4; turn += 1) {
      const until = process.uptime() + 0.65;
      while (process.uptime() < until);
      await new Promise(setImmediate);
    }
    expect(await reasonOf(() => enter(inFlight))).toBe('event_loop_late');
    expect(await causeOf(() => enter(inFlight))).toEqual(new Error('The event loop is more than 500 ms late'));
  });
});

describe('In flight of one address', () => {
  it('are at most maxInFlightPerAddress, whether they send or not', async () => {
    const inFlight = createBounded({ maxInFlightPerAddress: 2 });
    const sends = enter(inFlight);
    const whole = enterWhole(inFlight);
    expect(await reasonOf(() => inFlight.enter(ADDRESS, nobody))).toBe('too_many_in_flight_of_address');
    enter(inFlight, '198.51.100.1');
    sends.leave();
    whole.leave();
    enter(inFlight);
    enter(inFlight);
    expect(await reasonOf(() => inFlight.enter(ADDRESS, nobody))).toBe('too_many_in_flight_of_address');
  });

  it('are as many as come where the host exempts them, and it is asked only once a bound is reached', async () => {
    const inFlight = createBounded({ maxInFlightPerAddress: 1 });
    const isExempt = jest.fn(async () => true);
    await inFlight.enter(ADDRESS, isExempt);
    expect(isExempt).not.toHaveBeenCalled();
    await inFlight.enter(ADDRESS, isExempt);
    expect(isExempt).toHaveBeenCalledTimes(1);
  });
});

describe('A place', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is held for a minute by adapters that do not settle, and no longer', async () => {
    const startedAt = performance.now();
    const inFlight = createBounded({ maxInFlight: 2, maxInFlightPerAddress: 2 });
    const hanging = [enterWhole(inFlight), enterWhole(inFlight)];
    const now = jest.spyOn(performance, 'now');
    now.mockReturnValue(startedAt + 59_000);
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight');
    now.mockReturnValue(startedAt + 61_000);
    for (const place of [enterWhole(inFlight), enterWhole(inFlight)]) expect(place).toBeDefined();
    for (const place of hanging) place.leave();
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight');
  });

  it('is given back at the end of the minute, one place at a time', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const inFlight = createBounded({ maxInFlight: 2 });
    enterWhole(inFlight);
    now.mockReturnValue(2000);
    enterWhole(inFlight);
    now.mockReturnValue(60_999);
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight');
    now.mockReturnValue(61_000);
    enterWhole(inFlight);
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight');
  });

  it('that is lost while the limit asks its store is refused, though the host has parsed its body', async () => {
    const inFlight = createBounded({ maxInFlightPerAddress: 5000 });
    const lost = enter(inFlight);
    for (let i = 0; i < 4000; i += 1) enter(inFlight);
    const headers = { 'content-type': 'application/json' };
    const req = { headers, socket: {}, body: { code: 'x' } } as unknown as Request;
    const reading = readBody(req, { limit: 1000, timeoutMs: 60_000 });
    expect(await reasonOf(() => lost.receive(reading, req))).toBe('sender_displaced');
  });

  it('is given back for the address as well', () => {
    const startedAt = performance.now();
    const inFlight = createBounded({ maxInFlightPerAddress: 1 });
    enterWhole(inFlight);
    jest.spyOn(performance, 'now').mockReturnValue(startedAt + 61_000);
    enterWhole(inFlight);
  });

  it('is lost to a newcomer where 4,000 send: the oldest of the address with the most', async () => {
    const inFlight = createBounded({ maxInFlightPerAddress: 2000 });
    const [one, another] = addresses(2) as [string, string];
    const honest = enter(inFlight);
    const slow = Array.from({ length: 2000 }, () => enter(inFlight, one));
    const fewer = Array.from({ length: 1999 }, () => enter(inFlight, another));
    const bodies = [...slow, ...fewer, honest].map((place) => {
      const req = createSender();
      return place.receive(readBody(req, { limit: 1000, timeoutMs: 60_000 }), req).catch(({ reason }) => reason);
    });
    expect(await Promise.race([...bodies, Promise.resolve('all send')])).toBe('all send');

    const newcomer = enterWhole(inFlight);
    expect(await Promise.race(bodies)).toBe('sender_displaced');
    expect(await Promise.race(bodies.slice(0, 1))).toBe('sender_displaced');
    expect(await Promise.race([...bodies.slice(1), Promise.resolve('all send')])).toBe('all send');
    newcomer.leave();

    // One has left; whoever has lost its place still counts for its address until its request has ended.
    enter(inFlight);
    expect(await Promise.race([...bodies.slice(1), Promise.resolve('all send')])).toBe('all send');
    expect(await reasonOf(() => inFlight.enter(one, nobody))).toBe('too_many_in_flight_of_address');
    slow[0]?.leave();
    enter(inFlight, one);
  });

  it('that was lost before the body is asked for is lost all the same, and has no room with the others', async () => {
    const inFlight = createBounded({ maxInFlight: 1, maxInFlightPerAddress: 5000 });
    const lost = enter(inFlight);
    for (let i = 0; i < 4000; i += 1) enter(inFlight);
    const req = createRequest();
    expect(await reasonOf(() => lost.receive(Promise.resolve('a body'), req))).toBe('sender_displaced');
    expect(isClosedAfterAnswer(req)).toBe(true);
    enterWhole(inFlight);
  });
});

describe('In authenticateClient', () => {
  /** Calls that end when they are told to. */
  function createCalls() {
    const begun: (() => void)[] = [];
    const call = () => new Promise<string>((resolve) => begun.push(() => resolve('a client')));
    return { begun, call };
  }
  const settle = () => new Promise(setImmediate);

  it('are at most 20 of one address at once, and the others come in turn', async () => {
    const inFlight = createBounded();
    const { begun, call } = createCalls();
    const ends = Array.from({ length: 25 }, () => enterWhole(inFlight).authenticate(call));
    await settle();
    expect(begun.length).toBe(20);
    const other = enterWhole(inFlight, '198.51.100.1').authenticate(call);
    await settle();
    expect(begun.length).toBe(21);
    begun[3]?.();
    await settle();
    expect(begun.length).toBe(22);
    for (let i = 0; i < 26; i += 1) {
      begun[i]?.();
      await settle();
    }
    expect(new Set(await Promise.all([...ends, other]))).toEqual(new Set(['a client']));
  });

  it('one that throws gives its turn to the next', async () => {
    const inFlight = createBounded();
    const failing = Array.from({ length: 21 }, () =>
      Promise.resolve(enterWhole(inFlight).authenticate(() => Promise.reject(new Error('database gone')))).catch(
        ({ message }) => message,
      ),
    );
    expect(new Set(await Promise.all(failing))).toEqual(new Set(['database gone']));
    const { begun, call } = createCalls();
    for (let i = 0; i < 21; i += 1) void enterWhole(inFlight).authenticate(call);
    await settle();
    expect(begun.length).toBe(20);
  });

  it('those whose answer has left do not begin any more, and hold up nobody', async () => {
    const inFlight = createBounded();
    const { begun, call } = createCalls();
    for (let i = 0; i < 20; i += 1) void enterWhole(inFlight).authenticate(call);
    const waiting = [enterWhole(inFlight), enterWhole(inFlight), enterWhole(inFlight)] as const;
    const reasons = waiting.map((place) => reasonOf(() => place.authenticate(call)));
    await settle();
    waiting[0].giveUp();
    waiting[0].giveUp();
    waiting[1].leave();
    expect(await Promise.all(reasons.slice(0, 2))).toEqual([
      'too_many_in_flight_of_address',
      'too_many_in_flight_of_address',
    ]);
    expect(begun.length).toBe(20);
    begun[0]?.();
    await settle();
    expect(begun.length).toBe(21);
    begun[20]?.();
    expect(await reasons[2]).toBe('none');
  });

  it('are as many as come where the host exempts them', async () => {
    const inFlight = createBounded();
    const { begun, call } = createCalls();
    for (let i = 0; i < 30; i += 1) {
      const place = await inFlight.enter(ADDRESS, () => true);
      void place.authenticate(call);
    }
    await settle();
    expect(begun.length).toBe(30);
  });

  it('a turn that frees while the host is asked is taken', async () => {
    const inFlight = createBounded();
    const { begun, call } = createCalls();
    for (let i = 0; i < 20; i += 1) void enterWhole(inFlight).authenticate(call);
    let answer = (_isExempt: boolean) => {};
    const place = await inFlight.enter(ADDRESS, () => new Promise<boolean>((resolve) => (answer = resolve)));
    const client = place.authenticate(call);
    begun[0]?.();
    await settle();
    answer(false);
    await settle();
    expect(begun.length).toBe(21);
    begun[20]?.();
    expect(await client).toBe('a client');
  });

  it.each([true, false])(
    'one whose answer left while the host was asked does not begin: exempt %p',
    async (isExempt) => {
      const inFlight = createBounded();
      const { begun, call } = createCalls();
      for (let i = 0; i < 20; i += 1) void enterWhole(inFlight).authenticate(call);
      let answer = (_isExempt: boolean) => {};
      const place = await inFlight.enter(ADDRESS, () => new Promise<boolean>((resolve) => (answer = resolve)));
      const reason = reasonOf(() => place.authenticate(call));
      await settle();
      place.giveUp();
      answer(isExempt);
      expect(await reason).toBe('too_many_in_flight_of_address');
      begun[0]?.();
      await settle();
      expect(begun.length).toBe(20);
    },
  );

  it('a turn is held for a minute by a call that does not settle, and no longer', async () => {
    const startedAt = performance.now();
    const inFlight = createBounded();
    const { begun, call } = createCalls();
    for (let i = 0; i < 20; i += 1) void enterWhole(inFlight).authenticate(call);
    jest.spyOn(performance, 'now').mockReturnValue(startedAt + 61_000);
    void enterWhole(inFlight).authenticate(call);
    await settle();
    expect(begun.length).toBe(21);
    jest.restoreAllMocks();
    for (const end of begun) end();
    await settle();
    for (let i = 0; i < 21; i += 1) void enterWhole(inFlight).authenticate(call);
    await settle();
    expect(begun.length).toBe(41);
  });
});

describe('A crowd', () => {
  afterEach(() => jest.restoreAllMocks());

  /** Requests that are served take two seconds now, and 150 of them are on their way. */
  function createCrowd(count = 150) {
    let clock = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => clock);
    const inFlight = createBounded();
    const places = addresses(count + 13).map((address) => enterWhole(inFlight, address));
    const serve = (place: Place) => {
      place.isServed = true;
      place.leave();
    };
    clock += 10;
    for (const place of places.splice(0, 1)) serve(place);
    clock += 2000;
    for (const place of places.splice(0, 12)) serve(place);
    return { inFlight, places };
  }

  it('is refused where requests wait for each other', async () => {
    const { inFlight } = createCrowd();
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight');
    expect(await causeOf(() => enter(inFlight))).toEqual(
      new Error('The requests in flight wait for each other: more of them would have no time left to be answered'),
    );
  });

  it('is not made of requests that are in authenticateClient with a credential: they wait for turns of their own', async () => {
    const { inFlight, places } = createCrowd();
    let settle = () => {};
    const asked = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const ends = places.slice(0, 60).map((place) => place.authenticate(() => asked));
    expect(await reasonOf(() => enter(inFlight))).toBe('none');
    settle();
    await Promise.all(ends);
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight');
  });

  it('is counted right where a place was taken back before authenticateClient settled', async () => {
    const { inFlight, places } = createCrowd(220);
    let settle = () => {};
    const asked = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const ends = places.slice(0, 60).map((place) => place.authenticate(() => asked));
    for (const place of places.slice(0, 60)) place.leave();
    expect(await reasonOf(() => enter(inFlight))).toBe('too_many_in_flight');
    settle();
    await Promise.all(ends);
    for (const place of places.slice(60, 120)) place.leave();
    expect(await reasonOf(() => enter(inFlight))).toBe('none');
  });
});
