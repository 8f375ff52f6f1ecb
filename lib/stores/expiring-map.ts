/** How long entries that end at about the same time wait for each other. */
const BATCH_MS = 1000;

interface Entry<Value> {
  key: string;
  value: Value;
  /** On the monotonic clock: a wall clock that jumps brings nothing back and drops nothing early. */
  end: number;
}

const batchOf = (end: number) => Math.ceil(end / BATCH_MS);

/**
 * A map whose entries end. What is over is never found, and leaves with the entries that end in the same second, at some
 * later call: nothing is searched through, an entry costs the same however many there are, and no timer is needed.
 */
export function createExpiringMap<Value>() {
  const entries = new Map<string, Entry<Value>>();
  // Each entry has one place here, at its end or before it.
  const batches = new Map<number, Entry<Value>[]>();
  let next = batchOf(performance.now());

  const schedule = (entry: Entry<Value>) => {
    const batch = Math.max(batchOf(entry.end), next);
    const others = batches.get(batch);
    if (others) others.push(entry);
    else batches.set(batch, [entry]);
  };

  const dropBatch = (batch: number, now: number) => {
    const due = batches.get(batch) ?? [];
    batches.delete(batch);
    for (const entry of due) {
      if (entry.end > now) schedule(entry);
      else entries.delete(entry.key);
    }
  };

  const sweep = (): number => {
    const now = performance.now();
    while (next * BATCH_MS <= now) {
      next += 1;
      dropBatch(next - 1, now);
    }
    return now;
  };

  const find = (key: string, now: number): Entry<Value> | undefined => {
    const entry = entries.get(key);
    return entry && entry.end > now ? entry : undefined;
  };

  return {
    get: (key: string): Value | undefined => find(key, sweep())?.value,

    /** `true` if nothing was there under this key. */
    add(key: string, value: Value, lifetimeMs: number): boolean {
      const now = sweep();
      if (find(key, now)) return false;
      const entry: Entry<Value> = { key, value, end: now + lifetimeMs };
      // An entry that is over but has not left yet: its place is taken over.
      const over = entries.get(key);
      if (over) Object.assign(over, entry);
      else schedule(entry);
      entries.set(key, over ?? entry);
      return true;
    },

    /** Lets an entry end so much from now, if that is later than its end. */
    extend(key: string, lifetimeMs: number): void {
      const now = sweep();
      const entry = find(key, now);
      if (entry) entry.end = Math.max(entry.end, now + lifetimeMs);
    },

    /** Lets go of what has ended, as every other call does. */
    sweep: (): void => void sweep(),

    /** How many entries are held, those that are over and have not left yet among them. */
    size: (): number => entries.size,
  };
}
