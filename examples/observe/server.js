// The quickstart, observed: a log of pino, counters of prom-client, a span of OpenTelemetry for each request.
const { generateKeyPairSync } = require('node:crypto');
const { trace, SpanStatusCode } = require('@opentelemetry/api');
const { NodeTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node');
const express = require('express');
const pino = require('pino');
const { Counter, Histogram, Registry } = require('prom-client');
const { createTokenRouter } = require('express-token-router');
const { memoryStore } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');

// A real app exports its spans (OTLP), and registers the provider before it loads anything else.
const spans = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register();
const tracer = trace.getTracer('express-token-router');

const log = pino();
const registers = [new Registry()];
const requests = new Counter({
  name: 'token_requests_total',
  help: 'Token requests by how they ended',
  labelNames: ['outcome', 'reason'],
  registers,
});
const seconds = new Histogram({
  name: 'token_request_seconds',
  help: 'Time from the first step to the answer',
  labelNames: ['outcome'],
  registers,
});

/** Called once for each request. It holds no code, secret or token, so all of it may be logged. */
function observe({ outcome, reason, status, error, clientId, durationMs, fault, cause }) {
  requests.inc({ outcome, reason });
  seconds.observe({ outcome }, durationMs / 1000);

  const endTime = Date.now();
  const attributes = { 'oauth.outcome': outcome, 'oauth.reason': reason, 'http.response.status_code': status };
  const span = tracer.startSpan('POST /oauth/token', { startTime: endTime - durationMs, attributes });
  if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
  if (fault instanceof Error) span.recordException(fault);
  span.end(endTime);

  const fields = { reason, status, error, clientId, durationMs };
  // The name err makes pino print the stack. Under any other name an Error is {}.
  if (outcome === 'failed') log.error({ ...fields, err: fault }, 'token request failed');
  else if (outcome === 'refused') log.warn({ ...fields, err: cause }, 'token request refused');
  else log.info(fields, 'tokens issued');
}

const store = memoryStore();
const { issueTokens } = createTokenIssuer({
  issuer: 'http://localhost:3000/',
  keys: [{ privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  apis: [{ identifier: 'https://api.example/', lifetime: 600, scopes: ['read:notes'] }],
  store,
});

const app = express();
app.use(createTokenRouter({ ...store.adapters, issueTokens, onOutcome: observe }));
app.get('/metrics', async (_req, res) => {
  res.type(registers[0].contentType).send(await registers[0].metrics());
});

module.exports = { app, spans, store };
if (require.main === module) {
  const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
    if (error) throw error;
    console.log(`Serving on port ${server.address().port}: POST /oauth/token, GET /metrics. Ctrl-C ends it.`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      // Requests in flight are answered first: a code that is spent brings its tokens.
      server.close();
      setInterval(() => server.closeIdleConnections(), 100).unref();
      setTimeout(() => server.closeAllConnections(), 20_000).unref();
    });
  }
}
