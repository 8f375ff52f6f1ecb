import fc from 'fast-check';
import { createQueue, Dropped } from '../../lib/tokens/queue';

const always = () => true;

describe('A queue', () => {
  it('runs so many at a time, in the order they came, whatever order they end in, and brings back what each did', () =>
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
        async (scheduler, limit, tasks) => {
          const enqueue = createQueue(limit);
          const started: number[] = [];
          let running = 0;
          let most = 0;
          const results = tasks.map((succeeds, index) =>
            enqueue(async () => {
              started.push(index);
              running += 1;
              most = Math.max(most, running);
              await scheduler.schedule(Promise.resolve());
              running -= 1;
              if (succeeds) return index;
              throw new Error(`task ${index}`);
            }, always),
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
    const enqueue = createQueue(1);
    const broken = () => {
      throw new Error('at once');
    };
    await expect(enqueue(broken, always)).rejects.toThrow('at once');
    await expect(enqueue(async () => 'next', always)).resolves.toBe('next');
  });

  it('drops a task that nobody waits for when its turn comes, and goes on with the next', async () => {
    const enqueue = createQueue(1);
    const made: string[] = [];
    const make = (name: string) => async () => made.push(name);
    let isAwaited = true;
    const first = enqueue(async () => {
      isAwaited = false;
      made.push('first');
    }, always);
    const second = enqueue(make('second'), () => isAwaited);
    const third = enqueue(make('third'), always);
    expect(await Promise.allSettled([first, second, third])).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: expect.any(Dropped) },
      { status: 'fulfilled' },
    ]);
    expect(made).toEqual(['first', 'third']);
  });

  it('drops a task that nobody waits for where nothing is in front of it', async () => {
    const task = jest.fn();
    await expect(createQueue(1)(task, () => false)).rejects.toThrow(Dropped);
    expect(task).not.toHaveBeenCalled();
  });
});
