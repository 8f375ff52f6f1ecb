import { OAuthError } from '../errors';
import type { AuthorizationCode } from '../types';
import { type Field, optional } from './record-fields';
import { isSameResource } from './same-resource';

/** The resources of a record: see `AuthorizationCode.resources`. */
type Granted = AuthorizationCode['resources'];

/** The refusal of a resource that was not granted (RFC 8707 §2). */
export const resourceNotGranted = () =>
  new OAuthError('invalid_target', 'The parameter resource asks for more than was granted', {
    reason: 'resource_not_granted',
  });

/** The field `resources` of a record. */
export const RESOURCES: Field = optional([
  (value) => Array.isArray(value) && value.every((resource) => typeof resource === 'string' && resource !== ''),
  'an array of URIs, or null for a login without resource indicators',
]);

/** Whether each requested resource was granted. A login that does not use resource indicators ignores the parameter. */
export function areGranted(asked: readonly string[], granted: Granted): boolean {
  if (granted === null || granted === undefined) return true;
  return asked.every((resource) => granted.some((each) => isSameResource(resource, each)));
}

/** The resources of the access token: those that were requested, or else all that were granted (RFC 8707 §2.2). */
export function selectResources(asked: readonly string[], granted: Granted): readonly string[] {
  if (granted === null || granted === undefined) return [];
  return asked.length > 0 ? asked : granted;
}
