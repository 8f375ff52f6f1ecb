import { fileURLToPath } from 'node:url';
import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core';

/** The linter of Redocly over the OpenAPI document: `npm run openapi`. It reads that one file, and asks no server. */
const ref = fileURLToPath(new URL('../../docs/openapi.yaml', import.meta.url));
const config = await createConfig({
  extends: ['recommended-strict'],
  rules: {
    // Endpoints of OAuth ignore what they do not know, and answers may have more members.
    'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: true },
    // A document is served to everybody: there is nothing to refuse but other methods.
    'operation-4xx-response': 'off',
    // The linter does not look into x-other-methods. spec/openapi.spec.ts does.
    'no-unused-components': 'off',
  },
});
const problems = await lint({ ref, config });
const totals = getTotals(problems);
formatProblems(problems, { format: 'codeframe', totals });
console.log(`docs/openapi.yaml: ${totals.errors} errors, ${totals.warnings} warnings, ${totals.ignored} ignored`);
process.exitCode = problems.length === 0 ? 0 : 1;
