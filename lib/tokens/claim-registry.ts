import { parseUrl } from '../issuer';
import type { TokenKind } from './types';

/** Names of claims that have a meaning for the issuer, the endpoint or other software. */
export const RESERVED_CLAIMS: ReadonlySet<string> = new Set(
  `acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id cnf cty dest entitlements
  events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky nbf nonce object_id org_id
  org_name orig origid permissions roles rph s_hash sid sip_callid sip_cseq_num sip_date sip_from_tag sip_via_branch sub
  sub_jwk toe txn typ uuid vot vtm x5t#S256`.split(/\s+/),
);

/** The standard claims of each scope (OpenID Connect Core §5.4). Those that `users` returns go into the ID token. */
export const CLAIMS_OF_SCOPE: Readonly<Record<string, readonly string[]>> = Object.freeze({
  profile: [
    ...['name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture'],
    ...['website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
});

/** All standard claims of OpenID Connect Core §5.1. */
export const STANDARD_CLAIMS: ReadonlySet<string> = new Set(['sub', ...Object.values(CLAIMS_OF_SCOPE).flat()]);

/** Namespaces of other parties, whose names have or may get a meaning of their own. */
const FOREIGN_NAMESPACES: readonly string[] = Object.freeze([
  'urn:ietf:',
  'urn:oasis:',
  'urn:openid:',
  'http://openid.net/',
  'https://openid.net/',
  'http://schemas.openid.net/',
  'https://schemas.openid.net/',
  'https://self-issued.me/',
]);

/** `http(s)://host…` or `urn:namespace:name` (RFC 8141 §2). */
const NAMESPACED = /^(?:https?:\/\/[^\s/?#]\S*|urn:[a-z0-9][a-z0-9-]{0,30}[a-z0-9]:\S+)$/i;

/**
 * The rules for the name of a custom claim, in order. The first rule that a name breaks is the reason why it is left
 * out.
 */
export const NAME_RULES = Object.freeze([
  { reason: 'claim_reserved', isBroken: (name: string) => RESERVED_CLAIMS.has(name) },
  { reason: 'claim_standard', isBroken: (name: string) => STANDARD_CLAIMS.has(name) },
  {
    reason: 'claim_not_namespaced',
    isBroken: (name: string) => !NAMESPACED.test(name) || parseUrl(name).href === undefined,
  },
  {
    reason: 'claim_namespace_foreign',
    isBroken: (name: string) => FOREIGN_NAMESPACES.some((namespace) => name.toLowerCase().startsWith(namespace)),
  },
] as const);

/** Why a claim was left out: for its name, for its value, or because a standard claim has a value of another type. */
export type ClaimReason = (typeof NAME_RULES)[number]['reason'] | 'claim_without_value' | 'claim_malformed';

/** A claim that was left out of a token. */
export interface RefusedClaim {
  /** The name of the claim. The value is never reported. */
  claim: string;
  token: TokenKind;
  reason: ClaimReason;
}
