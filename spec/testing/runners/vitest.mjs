import { afterAll, describe, test } from 'vitest';
import { registerSuites } from './suites.mjs';

await registerSuites({ describe, test, after: afterAll });
