import type { TokenKind } from './types';

/** Names that the issuer, the endpoint or other software gives a meaning to. */
export const RESERVED_CLAIMS: ReadonlySet<string> = new Set(
  `acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id cnf cty dest entitlements
  events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky nbf nonce object_id org_id
  org_name orig origid permissions roles rph s_hash sid sip_callid sip_cseq_num sip_date sip_from_tag sip_via_branch sub
  sub_jwk toe txn typ uuid vot vtm x5t#S256`.split(/\s+/),
);

/** The standard claims of a scope (OpenID Connect Core §5.4): what `users` returns of them goes into the ID token. */
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

/** Namespaces that are others' own: what stands there has, or may get, a meaning that is not the host's. */
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

/** The rules of a custom claim's name, in order; the first that a name breaks is the reason it is left out. */
export const NAME_RULES = Object.freeze([
  { reason: 'claim_reserved', isBroken: (name: string) => RESERVED_CLAIMS.has(name) },
  { reason: 'claim_standard', isBroken: (name: string) => STANDARD_CLAIMS.has(name) },
  { reason: 'claim_not_namespaced', isBroken: (name: string) => !NAMESPACED.test(name) || !URL.canParse(name) },
  {
    reason: 'claim_namespace_foreign',
    isBroken: (name: string) => FOREIGN_NAMESPACES.some((namespace) => name.toLowerCase().startsWith(namespace)),
  },
] as const);

/** Why a claim was left out: for its name, for its value, or because a standard claim has a value of another type. */
export type ClaimReason = (typeof NAME_RULES)[number]['reason'] | 'claim_without_value' | 'claim_malformed';

/** A claim that was left out of a token. */
export interface RefusedClaim {
  /** The name; never the value. */
  claim: string;
  token: TokenKind;
  reason: ClaimReason;
}
