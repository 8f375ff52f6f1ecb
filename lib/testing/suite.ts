import type { Awaitable } from '../types';
import type { TokenEndpointBench, TokenEndpointHost } from './suite-host';
import { listRules } from './suite-rules';
import { createStage } from './suite-stage';

export type { TokenEndpointBench, TokenEndpointHost } from './suite-host';

/** `test` of jest, vitest or node:test, `it` of mocha, or that of any other runner. With `skip`, rules that do not apply are shown. */
export interface SuiteTest {
  (name: string, body: () => Promise<void>): unknown;
  skip?: (name: string, body: () => Promise<void>) => unknown;
}

/**
 * The whole contract of a token endpoint, as one test a rule, against your own app: its proxies, its parsers, its mount path, its
 * adapters and its clients. Each failure says what to do. Rules that do not apply to your host are skipped, not passed.
 */
export function describeTokenEndpoint(
  test: SuiteTest,
  createApp: () => Awaitable<TokenEndpointBench>,
  host: TokenEndpointHost = {},
): void {
  for (const rule of listRules(host)) {
    const body = async () => {
      const bench = await createApp();
      try {
        const stage = await createStage(bench, host, rule);
        try {
          await rule.run(stage);
        } finally {
          stage.close();
        }
      } finally {
        await bench.close?.();
      }
    };
    if (rule.lacks === undefined) test(rule.name, body);
    else test.skip?.(`${rule.name} (${rule.lacks})`, body);
  }
}
