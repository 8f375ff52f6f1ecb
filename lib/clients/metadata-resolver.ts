import type { Request } from 'express';
import { addressOf } from '../address';
import { toOAuthError } from '../errors';
import { invalidClient } from '../refusals';
import { createDocuments } from './documents';
import { parseMetadata } from './metadata';
import { parseFetchOptions } from './options';
import type { FetchOptions, MetadataClient } from './types';
import { isClientIdUrl } from './url';

/**
 * Finds a client by the document at the URL that is its id. Returns `null` if the id is no such URL, so you can call it
 * after your own lookup. Pass `req` if there is one, to limit new URLs per address.
 */
export type ResolveClientMetadata = (clientId: string, req?: Request) => Promise<MetadataClient | null>;

/**
 * Creates a resolver of Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document). It checks and
 * returns the client in a document. It throws an `OAuthError` if the document is invalid or cannot be fetched.
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
