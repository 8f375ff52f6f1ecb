/** A pause in which so many wait for each other: nobody goes on before all of them are there. */
export function createMeeting(size: number): () => Promise<void> {
  let waiting: (() => void)[] = [];
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length < size) return;
      for (const goOn of waiting) goOn();
      waiting = [];
    });
}
