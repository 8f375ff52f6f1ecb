/** Milliseconds by which two clocks may differ. */
export const CLOCK_LEEWAY_MS = 10_000;
/** Milliseconds by which `iat` may be in the future (RFC 9449 §11.1), because clocks of clients run ahead. */
export const MAX_FUTURE_MS = 60_000;
