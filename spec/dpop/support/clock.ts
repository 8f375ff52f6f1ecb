/** Lets both clocks of the process run so far ahead until the end of the test. */
export function travel(ms: number): void {
  jest.restoreAllMocks();
  const { now } = Date;
  const monotonic = performance.now.bind(performance);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + ms);
  jest.spyOn(performance, 'now').mockImplementation(() => monotonic() + ms);
}

/** Stops the clock of the dates at an instant, in milliseconds. */
export function stopAt(instant: number): void {
  jest.restoreAllMocks();
  jest.spyOn(Date, 'now').mockReturnValue(instant);
}
