/** Holds requests back until all of them are there. */
export interface Gate {
  /** Says that the server has a request but for its last byte. Calls `release` once all have come, all in one turn. */
  arrive(release: () => void): void;
}

/** Makes a gate for this many requests. Those that come later pass at once. */
export function createGate(times: number): Gate {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  return {
    arrive(release) {
      waiting.push(release);
      isOpen ||= waiting.length === times;
      if (isOpen) for (const each of waiting.splice(0)) each();
    },
  };
}
