import { decodeForm, encodeForm } from './form-encoding';
import type { TestClient } from './test-client';

/** A client with a secret. */
export type SecretClient = Extract<TestClient, { clientSecret: string }>;

/** A secret that differs from the right one in one way, and that a careless comparison accepts. */
export interface NearSecret {
  name: string;
  secret: string;
  /** Why it cannot be tried with this client. */
  lacks: string | undefined;
}

/** Lists what a client must not get in with. */
export function nearSecrets(client: SecretClient, otherClient: TestClient | undefined): NearSecret[] {
  const { clientId, clientSecret: right } = client;
  const rows: [name: string, secret: string | undefined, why?: string][] = [
    ['the secret in letters of the other case', swapCase(right)],
    ['the secret with a blank before it', ` ${right}`],
    ['the secret with a blank behind it', `${right} `],
    ['the secret with a character before it', `x${right}`],
    ['the first character of the secret', right.slice(0, 1)],
    ['the last character of the secret', right.slice(-1)],
    ['the secret without its last character', right.slice(0, -1)],
    ['the secret form-encoded once more', encodeForm(right)],
    ['the secret form-decoded once more', decodeForm(right), 'the secret cannot be form-decoded'],
    ['an empty secret', ''],
    ['a blank as the secret', ' '],
    ['a wildcard of SQL as the secret', '%'],
    ['a condition of SQL as the secret', "' OR ''='"],
    ['the client_id as the secret', clientId],
    ['the secret of another client', otherClient?.clientSecret, 'without otherClient.clientSecret'],
  ];
  return rows.map(([name, secret, why]) => {
    if (secret === undefined) return { name, secret: '', lacks: why };
    return { name, secret, lacks: formsOf(client, secret).includes(right) ? 'that is the right one' : undefined };
  });
}

const swapCase = (text: string) =>
  text.replace(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));

/** What a server may take for the secret: in Basic, the text as it was sent and what it decodes to. */
function formsOf({ method, encodes = true }: SecretClient, secret: string): (string | undefined)[] {
  if (method === 'client_secret_post') return [secret];
  return [secret, encodes ? encodeForm(secret) : decodeForm(secret)];
}
