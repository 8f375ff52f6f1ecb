import type { Request } from 'express';
import Joi from 'joi';
import { describeMistake, describeUnknown, throwMistakes } from '../mistakes';
import { adapter, adviseOnAdapter } from '../options/adapters';
import { describeKind } from '../received';
import type {
  Awaitable,
  Client,
  ClientExchange,
  ClientGrant,
  ExtensionExchange,
  ExtensionGrant,
  IssuedTokens,
  IssueTokens,
} from '../types';
import { type Asked, parseClientGrant } from './client-grant';

/** The options of `clientCredentials`. */
export interface ClientCredentialsOptions<
  RequestingClient extends Client = Client,
  Grant extends ClientGrant = ClientGrant,
  Name extends string = never,
> {
  /**
   * Finds what a client may get for itself: its allow-list. Changes nothing. Return `null` for a client that may get
   * nothing.
   */
  findClientGrant: (
    exchange: ExtensionExchange<RequestingClient, NoInfer<Name> | 'scope'>,
    req: Request,
  ) => Awaitable<Grant | null | undefined>;
  /** Makes the access token: `issueClientTokens` of `createTokenIssuer`, or your own function. */
  issueTokens: IssueTokens<ClientExchange<NoInfer<RequestingClient>, NoInfer<Grant>, NoInfer<Name> | 'scope'>>;
  /** Further parameters of this grant, such as `audience`. @default [] */
  parameters?: readonly Name[] | undefined;
}

type Exchange = ExtensionExchange<Client, 'scope'>;

const HINTS: Readonly<Record<string, string>> = {
  findClientGrant: '({ client, resources }, req) => { scope, resources }, or null',
  issueTokens: 'Write issueClientTokens of createTokenIssuer, or a function of yours.',
  parameters: 'Write an array of further parameters, without scope.',
} satisfies Record<keyof ClientCredentialsOptions, string>;

const schema = Joi.object({
  findClientGrant: adapter.required(),
  issueTokens: adapter.required(),
  parameters: Joi.array().items(Joi.string().invalid('scope')),
});

/**
 * Creates the client credentials grant (RFC 6749 §4.4). Pass it in `grants` under `client_credentials`. It issues
 * access tokens to confidential clients, without a user. A request gets the scope that it asks for, or the whole
 * allow-list of the client. It issues no refresh token, no ID token and no scope of OpenID Connect.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function clientCredentials<
  RequestingClient extends Client = Client,
  Grant extends ClientGrant = ClientGrant,
  Name extends string = never,
>(options: ClientCredentialsOptions<RequestingClient, Grant, Name>): ExtensionGrant<RequestingClient, Name | 'scope'> {
  const { findClientGrant, issueTokens, parameters = [] } = parseOptions(options);
  const issue = issueTokens as IssueTokens<ClientExchange>;
  /** What the look has found, by an object that each request has for itself. */
  const looks = new WeakMap<object, Asked>();

  async function parseAsked(exchange: Exchange, req: Request): Promise<Asked> {
    return parseClientGrant(await findClientGrant(exchange as never, req), exchange);
  }

  async function check(exchange: Exchange, req: Request): Promise<void> {
    const asked = await parseAsked(exchange, req);
    await issue.check?.({ ...exchange, ...asked }, req);
    looks.set(exchange.parameters, asked);
  }

  async function issueClientTokens(exchange: Exchange, req: Request): Promise<IssuedTokens> {
    const asked = looks.get(exchange.parameters) ?? (await parseAsked(exchange, req));
    return parseIssued(await issue({ ...exchange, ...asked }, req), asked);
  }

  return {
    parameters: ['scope', ...parameters],
    issueTokens: Object.assign(issueClientTokens, { check }) as never,
  };
}

function parseOptions<Options extends object>(options: Options): Options {
  const { error } = schema.required().validate(options, { abortEarly: false, convert: false });
  const mistakes = (error?.details ?? []).map(({ path, context }) => {
    const [name] = path;
    if (name === undefined) return describeMistake(['options'], options, 'Write { findClientGrant, issueTokens }.');
    const hint = Object.hasOwn(HINTS, name) ? HINTS[name] : undefined;
    if (hint === undefined) return describeUnknown(path, Object.keys(HINTS));
    const advice = name === 'findClientGrant' ? adviseOnAdapter(name, context?.value, hint) : hint;
    return describeMistake(path, context?.value, advice);
  });
  throwMistakes('clientCredentials', mistakes);
  return options;
}

/** Checks that there is no refresh token, and adds the scope (RFC 6749 §4.4.3, §5.1). */
function parseIssued(issued: IssuedTokens, { scope }: Asked): IssuedTokens {
  for (const name of ['refresh_token', 'id_token'] as const) {
    if (!issued?.[name]) continue;
    throw new TypeError(
      `issueTokens of clientCredentials returned ${name} as ${describeKind(issued[name])}. Leave it out: there is no user to issue it for`,
    );
  }
  return { ...issued, scope: issued?.scope ?? scope };
}
