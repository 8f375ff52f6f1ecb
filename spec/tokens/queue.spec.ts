import fc from 'fast-check';
import { createQueue, Dropped } from '../../lib/tokens/queue';

const always = () => true;
const oneMs = () => 1;

describe('A queue', () => {
  it('runs so many at a time, in the order they came, whatever order they end in, and brings back what each did', () =>
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
        async (scheduler, limit, tasks) => {
          const enqueue = createQueue({ limit, busyMs: 0 });
          const started: number[] = [];
          let running = 0;
          let most = 0;
          const results = tasks.map((succeeds, index) =>
            enqueue(
              async () => {
                started.push(index);
                running += 1;
                most = Math.max(most, running);
                await scheduler.schedule(Promise.resolve());
                running -= 1;
                if (succeeds) return index;
                throw new Error(`task ${index}`);
              },
              always,
              oneMs,
            ),
          );
          const settled = Promise.allSettled(results);
          await scheduler.waitFor(settled);
          expect(started).toEqual(tasks.map((_, index) => index));
          expect(most).toBe(Math.min(limit, tasks.length));
          expect(await settled).toEqual(
            tasks.map((succeeds, index) =>
              succeeds
                ? { status: 'fulfilled', value: index }
                : { status: 'rejected', reason: new Error(`task ${index}`) },
            ),
          );
        },
      ),
    ));

  it('is free again after a task that threw at once', async () => {
    const enqueue = createQueue({ limit: 1, busyMs: 0 });
    const broken = () => {
      throw new Error('at once');
    };
    await expect(enqueue(broken, always, oneMs)).rejects.toThrow('at once');
    await expect(enqueue(async () => 'next', always, oneMs)).resolves.toBe('next');
  });

  it('drops a task that nobody waits for when its turn comes, and goes on with the next', async () => {
    const enqueue = createQueue({ limit: 1, busyMs: 0 });
    const made: string[] = [];
    const make = (name: string) => async () => made.push(name);
    let isAwaited = true;
    const first = enqueue(
      async () => {
        isAwaited = false;
        made.push('first');
      },
      always,
      oneMs,
    );
    const second = enqueue(make('second'), () => isAwaited, oneMs);
    const third = enqueue(make('third'), always, oneMs);
    expect(await Promise.allSettled([first, second, third])).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: expect.any(Dropped) },
      { status: 'fulfilled' },
    ]);
    expect(made).toEqual(['first', 'third']);
  });

  it('drops a task that nobody waits for where nothing is in front of it', async () => {
    const task = jest.fn();
    const dropped = createQueue({ limit: 1, busyMs: 0 })(task, () => false, oneMs);
    await expect(dropped).rejects.toThrow(new Dropped('Nobody waits for this task any more'));
    await expect(dropped).rejects.toBeInstanceOf(Dropped);
    expect(task).not.toHaveBeenCalled();
  });

  /** Tasks that end when the spec says so, and which of them have begun. */
  function createTasks() {
    const enqueue = createQueue({ limit: 2, busyMs: 20 });
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const add = (name: string, expectedMs: number) => {
      void enqueue(
        () => {
          begun.push(name);
          return new Promise<void>((resolve) => ends.set(name, resolve));
        },
        always,
        () => expectedMs,
      );
    };
    const end = async (name: string) => {
      ends.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { add, end, begun };
  }

  it('runs more short tasks at once, up to what they take together', async () => {
    const { add, end, begun } = createTasks();
    for (const name of ['a', 'b', 'c', 'd', 'e']) add(name, 6);
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  it('fills the time to the last millisecond', () => {
    const { add, begun } = createTasks();
    for (const name of ['a', 'b']) add(name, 5);
    add('c', 10);
    add('d', 1);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('runs as many long tasks as the limit says, and fills their room with several short ones', async () => {
    const { add, end, begun } = createTasks();
    for (const name of ['long', 'longer']) add(name, 500);
    for (const name of ['c', 'd', 'e', 'f']) add(name, 6);
    expect(begun).toEqual(['long', 'longer']);
    await end('long');
    expect(begun).toEqual(['long', 'longer', 'c']);
    await end('longer');
    expect(begun).toEqual(['long', 'longer', 'c', 'd', 'e']);
  });

  it('lets no short task overtake a long one', async () => {
    const { add, end, begun } = createTasks();
    for (const name of ['a', 'b']) add(name, 6);
    add('long', 500);
    add('short', 1);
    expect(begun).toEqual(['a', 'b']);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'long']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'long', 'short']);
  });
});
