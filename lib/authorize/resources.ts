import { normalizeResource } from '../grants/same-resource';
import { refusal } from './refusals';

const MAX_RESOURCES = 16;
/** An absolute URI without a fragment (RFC 8707 §2). */
const RESOURCE = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21\x22\x24-\x7E]+$/;

/** Parses the values of `resource`, each once and byte for byte (RFC 8707 §2). Ignores empty ones. */
export function parseResources(values: readonly unknown[]): readonly string[] {
  const resources = new Set(values.filter((value) => value !== ''));
  const isSound = (value: unknown): value is string => typeof value === 'string' && RESOURCE.test(value);
  const sound = [...resources].filter(isSound);
  if (sound.length === resources.size && sound.length <= MAX_RESOURCES) return sound;
  throw refusal(
    'invalid_target',
    'resource_malformed',
    `The parameter resource must be an absolute URI without a fragment, ${MAX_RESOURCES} times at most`,
  );
}

/** Checks that each of these is the identifier of an API, if the host has listed its APIs. */
export function checkAudiences(
  audiences: readonly string[] | undefined,
  { resources, audience }: { resources: readonly string[]; audience: string | null },
): void {
  if (audiences === undefined) return;
  const known = new Set(audiences.map(normalizeResource));
  const isKnown =
    resources.every((resource) => known.has(normalizeResource(resource))) &&
    (audience === null || audiences.includes(audience));
  if (isKnown) return;
  throw refusal('invalid_target', 'resource_unknown', 'The requested resource or audience is unknown');
}
