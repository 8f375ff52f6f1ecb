/** Milliseconds of one batch: its entries are removed together. */
const BATCH_MS = 1000;

interface Entry<Value> {
  key: string;
  value: Value;
  /** On the monotonic clock, so that a change of the system time has no effect. */
  end: number;
}

const batchOf = (end: number) => Math.ceil(end / BATCH_MS);

/**
 * A map whose entries expire. An expired entry is never found. It is removed by a later call, together with those that
 * expire in the same second. So each call takes constant time, and no timer is needed.
 */
export function createExpiringMap<Value>() {
  const entries = new Map<string, Entry<Value>>();
  // Each entry is in one batch: that of its end, or an earlier one.
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

  /** The batches before this one that are left. After a pause that is long, most seconds have none. */
  const listDue = (end: number): Iterable<number> => {
    if (end - next > batches.size) return [...batches.keys()].filter((batch) => batch < end);
    return Array.from({ length: end - next }, (_, index) => next + index);
  };

  const sweep = (): number => {
    const now = performance.now();
    const end = Math.floor(now / BATCH_MS) + 1;
    if (end <= next) return now;
    const due = listDue(end);
    next = end;
    for (const batch of due) dropBatch(batch, now);
    return now;
  };

  const find = (key: string, now: number): Entry<Value> | undefined => {
    const entry = entries.get(key);
    return entry && entry.end > now ? entry : undefined;
  };

  return {
    get: (key: string): Value | undefined => find(key, sweep())?.value,

    /** Returns `true` if there was no entry with this key. */
    add(key: string, value: Value, lifetimeMs: number): boolean {
      const now = sweep();
      if (find(key, now)) return false;
      const entry: Entry<Value> = { key, value, end: now + lifetimeMs };
      // An expired entry that is still there keeps its place in the batch.
      const over = entries.get(key);
      if (over) Object.assign(over, entry);
      else schedule(entry);
      entries.set(key, over ?? entry);
      return true;
    },

    /** Sets the end of an entry to this long from now, if that is later. */
    extend(key: string, lifetimeMs: number): void {
      const now = sweep();
      const entry = find(key, now);
      if (entry) entry.end = Math.max(entry.end, now + lifetimeMs);
    },

    /** Removes expired entries, as every other call does. */
    sweep: (): void => void sweep(),

    /** How many entries are in memory, expired ones included. */
    size: (): number => entries.size,
  };
}
