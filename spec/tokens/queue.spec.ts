import fc from 'fast-check';
import { createQueue } from '../../lib/tokens/queue';

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
            }),
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
    await expect(enqueue(broken)).rejects.toThrow('at once');
    await expect(enqueue(async () => 'next')).resolves.toBe('next');
  });
});
