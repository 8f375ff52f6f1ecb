const of =
  (folder) =>
  (...names) =>
    names.flat().map((name) => `lib/${folder}/${name}.ts`);
const specsOf =
  (folder) =>
  (...names) =>
    names.map((name) => `spec/${folder}/${name}.spec.ts`);
const ofHttp = of('http');
const specsOfHttp = specsOf('http');
const ofTesting = of('testing');
const specsOfTesting = specsOf('testing');

/**
 * The pieces of lib, and the specs that hold each. Specs that start browsers or other clients are left out: they would take minutes
 * for each mutant, and others hold the same code.
 */
export const PIECES = {
  grants: {
    files: ['lib/grants'],
    specs: [
      'spec/grants',
      'spec/client-authentication.spec.ts',
      'spec/reasons.spec.ts',
      'spec/options.spec.ts',
      'spec/http/verdicts.spec.ts',
      'spec/http/too-late.spec.ts',
    ],
    except: ['spec/grants/mcp.spec.ts'],
  },
  clients: {
    files: ['lib/clients'],
    specs: ['spec/clients', 'spec/reasons.spec.ts'],
    except: ['spec/clients/interop.spec.ts', 'spec/clients/fuzz.spec.ts'],
  },
  jws: { files: ['lib/jws'], specs: ['spec/jws', 'spec/dpop/thumbprint.spec.ts'] },
  'http-requests': {
    files: ofHttp(
      ['body', 'body-stream', 'body-text', 'left-body', 'media-type', 'parameters', 'resource-parameter'],
      ['basic', 'client-credentials'],
    ),
    specs: [
      ...specsOfHttp('body', 'body-stream', 'body-text', 'left-body', 'media-type', 'parameters', 'resource-parameter'),
      ...specsOfHttp('client-credentials', 'connection'),
      'spec/client-authentication.spec.ts',
    ],
  },
  'http-limits': {
    files: ofHttp(
      ['rate-limit', 'rate-limit-fields', 'rate-limit-options', 'rate-limit-store', 'known-failures', 'kept-counts'],
      ['in-flight', 'entrance', 'place', 'senders', 'callers', 'turn', 'pace', 'list', 'event-loop', 'address-key'],
    ),
    specs: [
      ...specsOfHttp('rate-limit', 'rate-limit-store', 'verdicts', 'known-failures', 'kept-counts', 'address-key'),
      ...specsOfHttp('in-flight', 'entrance', 'senders', 'callers', 'pace', 'list', 'event-loop'),
      'spec/options.spec.ts',
      'spec/router.spec.ts',
      'spec/endpoints/shared-limit.spec.ts',
    ],
  },
  http: {
    files: ['lib/http'],
    specs: [
      ...specsOfHttp(
        'adapters',
        'answer',
        'connection',
        'cors',
        'deadline',
        'observer',
        'origin',
        'overdue',
        'refusal',
      ),
      ...specsOfHttp('refusal-log', 'serverless', 'too-late', 'verdicts', 'left-body', 'body'),
      'spec/reasons.spec.ts',
      'spec/router.spec.ts',
    ],
  },
  options: {
    files: ['lib/options', 'lib/options.ts', 'lib/mistakes.ts', 'lib/received.ts'],
    specs: [
      'spec/options.spec.ts',
      'spec/options',
      'spec/mistakes.spec.ts',
      'spec/received.spec.ts',
      'spec/grants/extension.spec.ts',
      'spec/grants/refresh-token.spec.ts',
      'spec/endpoints/revocation.spec.ts',
      'spec/http/rate-limit.spec.ts',
      'spec/http/origin.spec.ts',
    ],
  },
  authorize: { files: ['lib/authorize'], specs: ['spec/authorize'], except: ['spec/authorize/interop.spec.ts'] },
  endpoints: { files: ['lib/endpoints'], specs: ['spec/endpoints'], except: ['spec/endpoints/interop.spec.ts'] },
  dpop: { files: ['lib/dpop'], specs: ['spec/dpop'], except: ['spec/dpop/interop.spec.ts', 'spec/dpop/fuzz.spec.ts'] },
  tokens: {
    files: ['lib/tokens'],
    specs: ['spec/tokens'],
    except: ['spec/tokens/load.spec.ts', 'spec/tokens/clients.spec.ts', 'spec/tokens/replay.spec.ts'],
  },
  stores: {
    files: ['lib/stores'],
    specs: [
      'spec/stores/code-fields.spec.ts',
      'spec/stores/expiring-map.spec.ts',
      'spec/stores/grants.spec.ts',
      'spec/stores/memory-backend.spec.ts',
      'spec/stores/memory-codes.spec.ts',
      'spec/stores/memory-family.spec.ts',
      'spec/stores/memory-jtis.spec.ts',
      'spec/stores/memory-refresh-tokens.spec.ts',
      'spec/stores/options.spec.ts',
      'spec/stores/postgres.spec.ts',
      'spec/stores/postgres-migration.spec.ts',
      'spec/stores/record.spec.ts',
      'spec/stores/redis.spec.ts',
      'spec/stores/redis-command.spec.ts',
      'spec/stores/refresh-tokens.spec.ts',
      'spec/stores/saving-errors.spec.ts',
      'spec/stores/store.spec.ts',
      'spec/stores/token-id.spec.ts',
      'spec/testing/inspect.spec.ts',
    ],
  },
  core: {
    files: ['lib'],
    except: ['spec/properties.spec.ts', 'spec/openapi.spec.ts'],
    specs: [
      'spec',
      'spec/http/refusal.spec.ts',
      'spec/http/cors.spec.ts',
      'spec/http/origin.spec.ts',
      'spec/http/rate-limit.spec.ts',
      'spec/http/too-late.spec.ts',
      'spec/grants/authorization-code.spec.ts',
      'spec/grants/confirmation.spec.ts',
      'spec/grants/extension.spec.ts',
      'spec/grants/refresh-token.spec.ts',
      'spec/endpoints/introspection.spec.ts',
      'spec/testing/inspect.spec.ts',
    ],
  },
  'testing-stores': {
    files: ofTesting('conformance', 'code-store', 'refresh-token-store', 'jti-store', 'calls', 'fixtures'),
    specs: specsOfTesting('conformance', 'code-store', 'refresh-token-store', 'jti-store', 'calls', 'fixtures'),
  },
  'testing-suite': {
    files: [
      ...ofTesting('suite', 'suite-rules', 'suite-stage', 'suite-host', 'suite-mistakes'),
      ...ofTesting('near-secrets', 'near-origins', 'bad-assertions', 'gate', 'standstill', 'form-encoding'),
      'lib/testing/suite-rules',
    ],
    specs: [
      ...specsOfTesting('suite', 'suite-rules', 'faults', 'near-secrets', 'near-origins', 'bad-assertions', 'gate'),
      ...specsOfTesting('standstill', 'cors', 'form-encoding'),
    ],
  },
  testing: {
    files: ['lib/testing'],
    specs: [
      ...specsOfTesting(
        'bad-inputs',
        'bad-proofs',
        'bad-requests',
        'cors',
        'faults',
        'fixtures',
        'issued',
        'requester',
      ),
      ...specsOfTesting(
        'inspect',
        'inspect-answers',
        'inspect-codes',
        'inspect-given',
        'inspect-lifetimes',
        'inspect-options',
        'inspect-probe',
        'signing',
      ),
      ...specsOfTesting('this-machine', 'token-endpoint', 'token-response', 'test-client', 'gate'),
    ],
  },
};
