import { describe, it } from 'mocha';
import { registerSuitesInMemory } from './suites.mjs';

registerSuitesInMemory({ describe, test: it });
