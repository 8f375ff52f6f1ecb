import { after, describe, test } from 'node:test';
import { registerSuites } from './suites.mjs';

await registerSuites({ describe, test, after });
