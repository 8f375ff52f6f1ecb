import { isIssuer } from '../issuer';
import { describeUnknown, throwMistakes } from '../mistakes';
import { isPlainAdapter } from '../options/adapters';
import { describeValue } from '../received';
import type { Members } from './metadata-checks';
import type { AuthorizationServerMetadataOptions } from './types';

const OPTIONS = ['issuer', 'tokenRouter', 'revocationRouter', 'introspectionRouter', 'jwks', 'members'];

/** @throws TypeError that lists every mistake. */
export function parseMetadataOptions(options: unknown) {
  const { issuer, tokenRouter, jwks, members, ...rest } = Object(options) as Members;
  const isRouter = (router: unknown) => typeof Object(Object(router).metadata).path === 'string';
  const isFunction = isPlainAdapter(jwks);
  const unknown = Object.keys(rest).filter((name) => !OPTIONS.includes(name));
  const others = ['revocationRouter', 'introspectionRouter'].filter((name) => rest[name] !== undefined);
  const { authorization_endpoint: endpoint, scopes_supported: scopes } = Object(members) as Members;
  const wrong: [boolean, string][] = [
    [
      !isIssuer(issuer),
      `issuer is ${describeValue(issuer)}. Write the iss of your tokens, such as 'https://auth.example'.`,
    ],
    [!isRouter(tokenRouter), `tokenRouter is ${describeValue(tokenRouter)}. Pass what createTokenRouter returned.`],
    [jwks !== undefined && !isFunction, `jwks is ${describeValue(jwks)}. Pass jwks of createTokenIssuer.`],
    [
      typeof endpoint !== 'string',
      `members.authorization_endpoint is ${describeValue(endpoint)}. Write the URL of your /authorize.`,
    ],
    [
      [scopes].flat().includes('openid') && !isFunction,
      "members.scopes_supported has 'openid', and jwks is missing. Pass jwks of createTokenIssuer.",
    ],
  ];
  throwMistakes('authorizationServerMetadata', [
    ...unknown.map((name) => describeUnknown([name], OPTIONS)),
    ...wrong.flatMap(([isWrong, line]) => (isWrong ? [line] : [])),
    ...others
      .filter((name) => !isRouter(rest[name]))
      .map((name) => `${name} is ${describeValue(rest[name])}. Pass what its factory returned.`),
  ]);
  return { issuer, jwks: jwks as AuthorizationServerMetadataOptions['jwks'], members: members as Members };
}
