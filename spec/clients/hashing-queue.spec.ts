import { createHashingQueue } from '../../lib/clients/hashing-queue';

const full = { error: 'temporarily_unavailable', reason: 'client_secret_queue_full', headers: { 'Retry-After': '1' } };
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const caught = (promise: Promise<unknown>) => promise.catch((thrown: unknown) => thrown);

/** A queue whose work ends when the spec says so. */
function createQueue() {
  let now = 0;
  const enqueue = createHashingQueue(() => now);
  const begun: string[] = [];
  const ends: (() => Promise<void>)[] = [];
  return {
    begun,
    /** Ends the work that has run longest. */
    async endOne() {
      await settled();
      await ends.shift()?.();
    },
    pass(ms: number) {
      now += ms;
    },
    ask: (network: string, name = network) =>
      caught(
        enqueue(network, () => {
          begun.push(name);
          return new Promise<string>((resolve) => {
            ends.push(() => {
              resolve(name);
              return settled();
            });
          });
        }),
      ),
    enqueue,
  };
}

describe('Slow hashes', () => {
  it('are two at a time', async () => {
    const queue = createQueue();
    const asked = ['a', 'b', 'c', 'd'].map((network) => queue.ask(network));
    await settled();
    expect(queue.begun).toEqual(['a', 'b']);
    await queue.endOne();
    expect(queue.begun).toEqual(['a', 'b', 'c']);
    await queue.endOne();
    await queue.endOne();
    await queue.endOne();
    expect(await Promise.all(asked)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are two of one network, those that wait included', async () => {
    const queue = createQueue();
    void queue.ask('x');
    void queue.ask('y');
    void queue.ask('a', 'a1');
    void queue.ask('a', 'a2');
    expect(await queue.ask('a', 'a3')).toMatchObject(full);
    // One of them ends, and there is room for one.
    await queue.endOne();
    await queue.endOne();
    expect(queue.begun).toEqual(['x', 'y', 'a1', 'a2']);
    expect(await queue.ask('a', 'a4')).toMatchObject(full);
    await queue.endOne();
    void queue.ask('a', 'a5');
    await settled();
    expect(queue.begun.at(-1)).toBe('a5');
  });

  it('are fifty that wait, and then one less when one begins', async () => {
    const queue = createQueue();
    for (let i = 0; i < 52; i += 1) void queue.ask(`${i}`);
    expect(await queue.ask('late')).toMatchObject(full);
    await queue.endOne();
    void queue.ask('in time');
    expect(await queue.ask('late')).toMatchObject(full);
    for (let i = 0; i < 53; i += 1) await queue.endOne();
    expect(queue.begun).toHaveLength(53);
    expect(queue.begun.at(-1)).toBe('in time');
  });

  it('take turns by network', async () => {
    const queue = createQueue();
    void queue.ask('x');
    void queue.ask('y');
    for (const name of ['a1', 'a2', 'b1', 'b2', 'c1']) void queue.ask(name.slice(0, 1), name);
    for (let i = 0; i < 7; i += 1) await queue.endOne();
    expect(queue.begun).toEqual(['x', 'y', 'a1', 'b1', 'c1', 'a2', 'b2']);
  });

  it('are not started for those that have waited for more than 3 s, which free their place', async () => {
    const queue = createQueue();
    void queue.ask('x');
    void queue.ask('y');
    const old = [queue.ask('a', 'a1'), queue.ask('a', 'a2')];
    queue.pass(1);
    void queue.ask('b');
    queue.pass(3000);
    await queue.endOne();
    // In the order of their turns: a1 has waited too long, b just not.
    expect([await old[0], queue.begun]).toMatchObject([full, ['x', 'y', 'b']]);
    void queue.ask('c');
    await queue.endOne();
    expect([await old[1], queue.begun]).toMatchObject([full, ['x', 'y', 'b', 'c']]);
    void queue.ask('a', 'a3');
    void queue.ask('a', 'a4');
    await queue.endOne();
    await queue.endOne();
    expect(queue.begun).toEqual(['x', 'y', 'b', 'c', 'a3', 'a4']);
  });

  it('go by the clock of the process', async () => {
    let now = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    try {
      const enqueue = createHashingQueue();
      const ends: (() => void)[] = [];
      const work = () => new Promise<void>((resolve) => ends.push(resolve));
      void enqueue('x', work);
      void enqueue('y', work);
      const late = caught(enqueue('z', work));
      await settled();
      now = 3001;
      ends[0]?.();
      expect(await late).toMatchObject(full);
    } finally {
      clock.mockRestore();
    }
  });

  it('that fail free their place', async () => {
    const { enqueue } = createQueue();
    const fail = () => caught(enqueue('a', () => Promise.reject(new Error('no memory'))));
    for (let i = 0; i < 5; i += 1) expect(await fail()).toEqual(new Error('no memory'));
    await expect(enqueue('a', async () => 'done')).resolves.toBe('done');
  });
});
