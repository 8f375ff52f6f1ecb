/** How far two clocks may be apart and still count as equal. */
export const CLOCK_LEEWAY_MS = 10_000;
/** How far in the future `iat` may be (RFC 9449 §11.1): clients' clocks run ahead. */
export const MAX_FUTURE_MS = 60_000;
