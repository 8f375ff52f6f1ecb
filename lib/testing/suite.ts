import type { Awaitable } from '../types';
import type { TokenEndpointBench, TokenEndpointHost } from './suite-host';
import { checkBench, checkHost } from './suite-mistakes';
import { listRules } from './suite-rules';
import { createStage } from './suite-stage';

export type { TokenEndpointBench, TokenEndpointHost } from './suite-host';

/**
 * `test` of jest, vitest or node:test, `it` of mocha, or the same of any other test runner. With `skip`, it shows rules
 * that do not apply.
 */
export interface SuiteTest {
  (name: string, body: () => Promise<void>): unknown;
  skip?: (name: string, body: () => Promise<void>) => unknown;
}

/**
 * Tests the whole contract of a token endpoint against your app, one test per rule: its proxies, body parsers, mount
 * path, adapters and clients. Each failure says what to do. Rules that do not apply to your app are skipped.
 *
 * @throws TypeError if `host` has members that do not exist.
 */
export function describeTokenEndpoint(
  test: SuiteTest,
  createApp: () => Awaitable<TokenEndpointBench>,
  host: TokenEndpointHost = {},
): void {
  checkHost(createApp, host);
  for (const rule of listRules(host)) {
    const body = async () => {
      const bench = await createApp();
      try {
        checkBench(bench);
        const stage = await createStage(bench, host, rule);
        try {
          await rule.run(stage);
        } finally {
          stage.close();
        }
      } finally {
        await bench?.close?.();
      }
    };
    if (rule.lacks === undefined) test(rule.name, body);
    else test.skip?.(`${rule.name} (${rule.lacks})`, body);
  }
}
