import type { Request } from 'express';
import { addressOf } from '../address';
import { toOAuthError } from '../errors';
import { createDocuments } from './documents';
import { parseMetadata } from './metadata';
import { parseFetchOptions } from './options';
import { invalidClient } from './refusals';
import type { FetchOptions, MetadataClient } from './types';
import { isClientIdUrl } from './url';

/**
 * Finds a client by the document at the URL that is its id. `null` where the id is no such URL, so that it can stand behind
 * your own lookup. Pass `req` where there is one: it counts the new URLs of an address.
 */
export type ResolveClientMetadata = (clientId: string, req?: Request) => Promise<MetadataClient | null>;

/**
 * Makes the resolver of Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document). It returns what the
 * document says, checked; a document that is wrong or cannot be fetched is an `OAuthError`.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createClientMetadataResolver(options: FetchOptions = {}): ResolveClientMetadata {
  const documents = createDocuments({ ...parseFetchOptions(options), parse: parseMetadata });

  return async function resolveClientMetadata(clientId, req) {
    if (!isClientIdUrl(clientId)) return null;
    try {
      return await documents.find(clientId, req && addressOf(req));
    } catch (thrown) {
      throw toOAuthError(thrown) ?? invalidClient('client_metadata_unusable', { cause: thrown });
    }
  };
}
