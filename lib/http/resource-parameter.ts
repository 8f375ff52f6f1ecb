import { OAuthError } from '../errors';
import type { Body } from './parameters';

const MAX_RESOURCES = 16;
/** An absolute URI without a fragment (RFC 8707 §2). */
const RESOURCE = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21\x22\x24-\x7E]+$/;

/**
 * Reads the values of `resource` (RFC 8707 §2), each once and byte for byte. Only this parameter may be repeated; in
 * JSON it may be an array. An empty value counts as absent.
 */
export function readResources(body: Body): readonly string[] {
  const value = Object.hasOwn(body, 'resource') ? body.resource : undefined;
  if (value === undefined) return [];
  const resources = new Set([value].flat().filter((resource) => resource !== ''));
  const sound = [...resources].filter(isResource);
  if (sound.length === resources.size && sound.length <= MAX_RESOURCES) return sound;
  throw new OAuthError(
    'invalid_target',
    `The parameter resource must be an absolute URI without a fragment, ${MAX_RESOURCES} times at most`,
    { reason: 'resource_malformed' },
  );
}

function isResource(value: unknown): value is string {
  return typeof value === 'string' && RESOURCE.test(value);
}
