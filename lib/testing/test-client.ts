import { describeMistake, describeUnknown } from '../mistakes';
import type { ClientAssertionOptions } from './client-assertion';

/** A client, and how it authenticates. */
export type TestClient = { clientId: string } & (
  | { clientSecret?: undefined; privateKey?: undefined }
  | {
      clientSecret: string;
      /** @default 'client_secret_basic' */
      method?: 'client_secret_basic' | 'client_secret_post' | undefined;
      /** Whether to encode id and secret in Basic (RFC 6749 §2.3.1). Many clients do not. @default true */
      encodes?: boolean | undefined;
    }
  | ({ clientSecret?: undefined } & Omit<ClientAssertionOptions, 'clientId'>)
);

const METHODS: readonly unknown[] = ['client_secret_basic', 'client_secret_post', undefined];
const OF_SECRET = ['method', 'encodes'];
const OF_KEY = ['audience', 'alg', 'kid', 'lifetime', 'claims', 'header'];
const MEMBERS = ['clientId', 'clientSecret', 'privateKey', ...OF_SECRET, ...OF_KEY];

/**
 * Says what is wrong with a client of the options. A client with a typing error would be another one, or a public one,
 * and the endpoint would refuse it.
 */
export function* listClientMistakes(name: string, client: unknown): Generator<string> {
  if (client === undefined) return;
  const given: Readonly<Record<string, unknown>> = Object(client);
  const { clientId, clientSecret, privateKey, method, audience } = given;
  const isSecret = true;
  if (typeof clientId !== 'string') {
    yield describeMistake([name], client, "Write { clientId: 'spa' }, and how the client authenticates.", { isSecret });
  }
  for (const member of typeof client === 'object' ? Object.keys(given) : []) {
    if (!MEMBERS.includes(member)) yield describeUnknown([name, member], MEMBERS);
  }
  const inVain = (members: readonly string[]) => members.find((member) => given[member] !== undefined);
  if (clientSecret === undefined) {
    const member = inVain(OF_SECRET);
    if (member) yield describeMistake([name, member], given[member], 'Write clientSecret as well, or leave it out.');
  } else if (typeof clientSecret !== 'string') {
    yield describeMistake([name, 'clientSecret'], clientSecret, 'Write the secret as a string.');
  } else if (privateKey !== undefined) {
    yield describeMistake([name, 'clientSecret'], clientSecret, 'Leave it out, or leave out privateKey.', { isSecret });
  }
  if (!METHODS.includes(method)) {
    yield describeMistake([name, 'method'], method, "Write 'client_secret_basic' or 'client_secret_post'.");
  }
  if (privateKey === undefined) {
    const member = inVain(OF_KEY);
    if (member) yield describeMistake([name, member], given[member], 'Write privateKey as well, or leave it out.');
  } else if (typeof audience !== 'string') {
    yield describeMistake([name, 'audience'], audience, 'Write the aud of the assertions: your issuer identifier.');
  }
}
