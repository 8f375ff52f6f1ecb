import type { TokenEndpointHost } from '../suite-host';
import { INVALID_GRANT, LIMITED } from './section';

/** How nine of ten requests are refused: a limit below that refuses some of them. */
export const refusalsOf = ({ rateLimit = 100 }: TokenEndpointHost) =>
  rateLimit !== false && rateLimit < 9 ? [INVALID_GRANT, LIMITED] : [INVALID_GRANT];

/** How often ten requests race. Each time nine of them fail, which the limit must allow. */
export const roundsOf = ({ rateLimit = 100, proxies }: TokenEndpointHost) =>
  rateLimit === false || rateLimit > 27 || proxies ? 3 : 1;
