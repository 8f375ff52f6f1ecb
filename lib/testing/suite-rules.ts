import type { TokenEndpointHost } from './suite-host';
import { browsers } from './suite-rules/browsers';
import { clients } from './suite-rules/clients';
import { codes } from './suite-rules/codes';
import { dpop } from './suite-rules/dpop';
import { limits } from './suite-rules/limits';
import { mounting } from './suite-rules/mounting';
import { refreshTokens } from './suite-rules/refresh-tokens';
import { requests } from './suite-rules/requests';
import type { Rule } from './suite-stage';

/** Lists the rules of a token endpoint for this host. */
export function listRules(host: TokenEndpointHost): Rule[] {
  return [
    ...mounting(host),
    ...requests(host),
    ...codes(host),
    ...clients(host),
    ...dpop(host),
    ...refreshTokens(host),
    ...browsers(host),
    ...limits(host),
  ];
}
