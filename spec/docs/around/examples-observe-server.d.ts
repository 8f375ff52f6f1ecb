type Outcome = import('express-token-router').Outcome;
declare const outcome: Outcome['outcome'];
declare const reason: Outcome['reason'];
declare const status: Outcome['status'];
declare const error: Outcome['error'];
declare const clientId: Outcome['clientId'];
declare const durationMs: Outcome['durationMs'];
declare const fault: Outcome['fault'];
declare const cause: Outcome['cause'];
declare const log: import('pino').Logger;
declare const registers: [import('prom-client').Registry];
declare const Counter: typeof import('prom-client').Counter;
declare const tracer: import('@opentelemetry/api').Tracer;
declare const SpanStatusCode: typeof import('@opentelemetry/api').SpanStatusCode;

export {};
