import { invalidClient } from '../refusals';
import { checkCharacters } from './parameters';

/** A value of Basic: form-decoded, and as it was sent if that differs. Many clients do not encode. */
export interface Forms {
  decoded: string;
  asSent: string | undefined;
}

export interface Basic {
  id: Forms | undefined;
  secret: Forms | undefined;
}

/**
 * `client_id:client_secret`, split at the first colon, each form-encoded (RFC 6749 §2.3.1). An empty secret is no
 * credential: several client libraries send it for a public client.
 */
export function parseBasic(token: string): Basic {
  const pair = decodeBase64(token);
  const colon = pair.indexOf(':');
  if (colon === -1) throw invalidClient('authorization_malformed');

  return {
    id: parseForms('client_id', pair.slice(0, colon)),
    secret: parseForms('client_secret', pair.slice(colon + 1)),
  };
}

function parseForms(name: string, text: string): Forms | undefined {
  if (text === '') return undefined;
  const decoded = decodeForm(name, text);
  return { decoded, asSent: decoded === text ? undefined : text };
}

function decodeBase64(token: string): string {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.toString('base64') !== token) throw invalidClient('authorization_malformed');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalidClient('authorization_malformed');
  }
}

function decodeForm(name: string, asSent: string): string {
  checkCharacters(name, asSent);
  try {
    return checkCharacters(name, decodeURIComponent(asSent.replaceAll('+', ' ')));
  } catch (thrown) {
    if (thrown instanceof URIError) return asSent;
    throw thrown;
  }
}
