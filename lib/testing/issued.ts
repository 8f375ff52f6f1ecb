import { createHash } from 'node:crypto';
import { splitScope } from '../grants/scope';
import { type Algorithm, algorithmOf } from '../jws/algorithms';
import { isType, parseJws, parseObject } from '../jws/compact';
import { importPublicKey } from '../jws/jwk';
import { describeValue } from '../received';
import { now } from './signing';

/** The expected tokens. A member that you leave out is not compared. */
export interface ExpectedTokens {
  /** The `iss` of both tokens. */
  issuer?: string | undefined;
  /** The client: `client_id`, and the `aud` of the ID token. */
  clientId?: string | undefined;
  /** The `sub` of both tokens. */
  userId?: string | undefined;
  /** The `nonce` of the authorization request. `null` if it had none. */
  nonce?: string | null | undefined;
  /** The thumbprint of the proof's key. `null` if there was no proof. */
  jkt?: string | null | undefined;
  /** The granted scope, space-separated. Decides whether there must be an ID token, and may be a refresh token. */
  scope?: string | null | undefined;
  /** The `aud` of the access token. */
  resources?: readonly string[] | undefined;
  /** Your public keys, to verify the signatures. @default signatures are not verified */
  jwks?: { keys: readonly object[] } | undefined;
  /** Whether there must be a refresh token. @default there may be one if `scope` has `offline_access` */
  refreshToken?: boolean | undefined;
  /** Whether the access token is a JWT (RFC 9068) or an opaque string. @default 'jwt' */
  accessToken?: 'jwt' | 'opaque' | undefined;
  /** The `typ` of the access token, as in the option of `createTokenIssuer`. @default 'at+jwt' */
  typ?: 'at+jwt' | 'JWT' | undefined;
  /**
   * `'optional'` accepts an answer without an ID token, as a refresh may be answered (OpenID Connect Core §12.2).
   * @default there must be one if and only if `scope` has `openid`
   */
  idToken?: 'optional' | undefined;
}

type Body = Readonly<Record<string, unknown>>;
type Say = (problem: string) => void;

/** The parts of a JWT. Nothing is verified. */
interface Jwt {
  header: Body;
  claims: Body;
  jws: ReturnType<typeof parseJws>;
}

/** Lists everything that is wrong with the tokens, each with what to do. */
export function listTokenProblems(body: Body, expected: ExpectedTokens): string[] {
  const problems: string[] = [];
  const say: Say = (problem) => void problems.push(problem);
  checkMembers(body, expected, say);
  const access = expected.accessToken === 'opaque' ? undefined : readJwt('access_token', body.access_token, say);
  const id = body.id_token === undefined ? undefined : readJwt('id_token', body.id_token, say);
  if (access) checkAccessToken(access, body, expected, say);
  if (id) checkIdToken(id, body, expected, say);
  if (access && id && access.claims.sub !== id.claims.sub) {
    say(
      `id_token: sub is ${describeValue(id.claims.sub)}, and that of the access token ${describeValue(access.claims.sub)}. Both name the user (OpenID Connect Core §2)`,
    );
  }
  return problems;
}

function checkMembers(body: Body, { jkt, scope, refreshToken, idToken }: ExpectedTokens, say: Say): void {
  const type = jkt === undefined ? body.token_type : jkt === null ? 'Bearer' : 'DPoP';
  if (body.token_type !== type) {
    say(
      type === 'DPoP'
        ? `token_type is ${describeValue(body.token_type)}, and a proof was sent. Give createTokenRouter verifyDpop and tokenEndpoint (RFC 9449 §5)`
        : `token_type is ${describeValue(body.token_type)}, and no proof was expected`,
    );
  }
  const hasToken = 'refresh_token' in body;
  if (refreshToken !== undefined && hasToken !== refreshToken) {
    say(
      refreshToken
        ? 'there is no refresh_token. Return one from issueTokens (RFC 6749 §5.1)'
        : 'there is a refresh_token, and none was expected',
    );
  }
  if (scope === undefined) return;
  const granted = splitScope(scope);
  const mayLack = idToken === 'optional' && !('id_token' in body);
  if (!mayLack && granted.includes('openid') !== 'id_token' in body) {
    say(
      `there is ${'id_token' in body ? 'an' : 'no'} id_token, and the scope is ${describeValue(scope)}. Return one if and only if the scope has openid (OpenID Connect Core §3.1.3.3)`,
    );
  }
  if (hasToken && refreshToken === undefined && !granted.includes('offline_access')) {
    say('there is a refresh_token, and the scope has no offline_access (OpenID Connect Core §11)');
  }
  if (body.scope !== undefined) checkScope('scope', body.scope, granted, say);
}

function checkScope(what: string, value: unknown, granted: readonly string[], say: Say): void {
  const scopes = splitScope(String(value ?? ''));
  const more = scopes.filter((each) => !granted.includes(each));
  const less = granted.filter((each) => !scopes.includes(each));
  if (more.length > 0) {
    say(
      `${what} has ${describeValue(more.join(' '))}, which nobody granted. Issue the scope of the record, or of exchange.scope for a refresh token (RFC 6749 §3.3)`,
    );
  }
  if (less.length > 0) {
    say(
      `${what} lacks ${describeValue(less.join(' '))}, which was granted. If that is intended, expect the scope that you issue`,
    );
  }
}

function readJwt(name: string, token: unknown, say: Say): Jwt | undefined {
  const text = String(token);
  const alg = algOf(text);
  if (alg === 'none') {
    say(`${name}: alg is 'none', so that anybody can make such a token. Sign it with your private key (RFC 8725 §3.2)`);
    return undefined;
  }
  try {
    const jws = parseJws(text, 1_000_000);
    return { header: parseObject(jws.header), claims: jws.payload, jws };
  } catch {
    if (alg !== undefined) {
      say(
        `${name}: alg is ${describeValue(alg)}, and the claims or the signature cannot be read. Write a compact JWS, such as jwt.sign() of jsonwebtoken makes it (RFC 7515 §7.1)`,
      );
      return undefined;
    }
    say(
      `${name} is no JWT${name === 'access_token' ? ". If it is meant to be opaque, expect accessToken: 'opaque'" : ' (OpenID Connect Core §2)'}`,
    );
    return undefined;
  }
}

/** The `alg` of a text that begins as a JWT does. `'none'` in any letter case, as some libraries read it. */
function algOf(text: string): string | undefined {
  const [header, ...more] = text.split('.') as [string, ...string[]];
  // Five parts are an encrypted JWT (RFC 7516 §7.1), which is opaque for clients.
  if (more.length === 0 || more.length > 2) return undefined;
  try {
    const { alg } = parseObject(header);
    return /^none$/i.test(String(alg)) ? 'none' : alg === undefined ? undefined : String(alg);
  } catch {
    return undefined;
  }
}

function checkAccessToken({ header, claims, jws }: Jwt, body: Body, expected: ExpectedTokens, say: Say): void {
  const name = 'access_token';
  const { clientId, jkt, scope, resources, typ = 'at+jwt' } = expected;
  if (!isType(header.typ, typ.toLowerCase())) {
    const advice =
      typ === 'JWT'
        ? ", and 'JWT' was expected (RFC 7519 §5.1)"
        : `. Write at+jwt, so that no ID token passes for one (RFC 9068 §2.1)${header.typ === 'JWT' ? ". If it is intended, expect typ: 'JWT'" : ''}`;
    say(`${name}: typ is ${describeValue(header.typ)}${advice}`);
  }
  for (const each of ['iss', 'sub', 'aud', 'client_id', 'exp', 'iat', 'jti']) {
    if (claims[each] === undefined) say(`${name}: there is no ${each}. RFC 9068 §2.2 requires it`);
  }
  if (clientId !== undefined) compare(name, 'client_id', claims.client_id, clientId, say);
  if (resources !== undefined) checkAudience(claims.aud, resources, say);
  checkConfirmation(Object(claims.cnf).jkt, body.token_type, jkt, say);
  if (scope !== undefined) {
    // An access token need not have the scopes of OpenID Connect, because an API does not use them.
    const granted = splitScope(scope);
    const scopes = splitScope(String(claims.scope ?? ''));
    checkScope(
      `${name}: scope`,
      claims.scope,
      granted.filter((each) => scopes.includes(each) || !OIDC.includes(each)),
      say,
    );
  }
  checkTimes(name, claims, LONGEST_ACCESS, say);
  const life = Number(claims.exp) - Number(claims.iat);
  // Another unit of one of them has been told already.
  if (Math.abs(life - Number(body.expires_in)) > 1 && Math.abs(life) < ANOTHER_UNIT) {
    say(
      `expires_in is ${describeValue(body.expires_in)}, and exp of the access token is ${life} s after its iat. One of them is wrong: decide how long a token is to live, and write that for both (RFC 6749 §5.1)`,
    );
  }
  checkOrigin(name, { header, claims, jws }, expected, say);
}

const OIDC = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'];

function checkAudience(aud: unknown, resources: readonly string[], say: Say): void {
  const audiences = [aud].flat();
  if (audiences.length === resources.length && resources.every((each) => audiences.includes(each))) return;
  say(
    `access_token: aud is ${audiences.map(describeValue).join(', ')}, and ${resources.map(describeValue).join(', ')} was granted. ` +
      'Name the API that was asked for: exchange.resources, or the audience of the record (RFC 9068 §3)',
  );
}

function checkConfirmation(held: unknown, type: unknown, jkt: string | null | undefined, say: Say): void {
  const wanted = jkt === undefined ? (type === 'DPoP' ? held : undefined) : (jkt ?? undefined);
  if (type === 'DPoP' && held === undefined) {
    say(
      'access_token: there is no cnf.jkt, so whoever steals the token can use it. Write the claim cnf: exchange.confirmation (RFC 9449 §6.1)',
    );
  } else if (held !== wanted) {
    say(
      wanted === undefined
        ? `access_token: cnf.jkt is ${describeValue(held)}, and no proof was sent. Write cnf only if there is an exchange.confirmation`
        : 'access_token: cnf.jkt is not the thumbprint of the key that signed the proof. Write the claim cnf: exchange.confirmation (RFC 9449 §6.1)',
    );
  }
}

function checkIdToken(jwt: Jwt, body: Body, expected: ExpectedTokens, say: Say): void {
  const name = 'id_token';
  const { header, claims } = jwt;
  const { clientId, nonce } = expected;
  for (const each of ['iss', 'sub', 'aud', 'exp', 'iat']) {
    if (claims[each] === undefined) say(`${name}: there is no ${each}. OpenID Connect Core §2 requires it`);
  }
  if (clientId !== undefined) checkClient(claims, clientId, say);
  if (nonce !== undefined) compare(name, 'nonce', claims.nonce, nonce ?? undefined, say);
  if (claims.at_hash !== undefined && claims.at_hash !== hashOf(String(body.access_token), String(header.alg))) {
    say(`${name}: at_hash is not the hash of this access token (OpenID Connect Core §3.1.3.6)`);
  }
  checkTimes(name, claims, LONGEST_ID, say);
  checkOrigin(name, jwt, expected, say);
}

/** Clients refuse an ID token with audiences that they do not know (OpenID Connect Core §3.1.3.7, rules 3 to 5). */
function checkClient({ aud, azp }: Body, clientId: string, say: Say): void {
  const audiences = [aud].flat();
  if (!audiences.includes(clientId)) compare('id_token', 'aud', aud, clientId, say);
  else if (azp !== undefined ? azp !== clientId : audiences.length > 1) {
    say(
      `id_token: aud is ${audiences.map(describeValue).join(', ')}, and azp is ${describeValue(azp)}. Write the client alone into aud: clients refuse an ID token for others (OpenID Connect Core §3.1.3.7)`,
    );
  }
}

/** The left half of the hash of the ID token's algorithm. */
function hashOf(token: string, alg: string): string {
  const size = alg.startsWith('Ed') ? '512' : alg.slice(2);
  const digest = createHash(/^(?:256|384|512)$/.test(size) ? `sha${size}` : 'sha256')
    .update(token)
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

const DAY = 86_400;
/** Longer lifetimes are mistakes: nobody can take such a token back. */
const LONGEST_ACCESS = 366 * DAY;
const LONGEST_ID = 31 * DAY;
/** How far the clocks of two machines may differ. */
const SKEW = 60;
/** A time that is so far from now is no time in seconds. */
const ANOTHER_UNIT = 1e9;
const isOtherUnit = (value: unknown, ahead: number) => typeof value !== 'number' || !(Math.abs(ahead) < ANOTHER_UNIT);

function checkTimes(name: string, { iat, exp, nbf }: Body, longest: number, say: Say): void {
  const seconds = now();
  const tell = (claim: string, value: unknown, advice: string) =>
    say(
      `${name}: ${claim} is ${describeValue(value)}, and now it is ${seconds}${advice} (RFC 7519 §4.1.${SECTIONS[claim]})`,
    );

  if (exp !== undefined) {
    const ahead = Number(exp) - seconds;
    if (isOtherUnit(exp, ahead)) tell('exp', exp, IN_SECONDS);
    else if (ahead <= 0)
      tell(
        'exp',
        exp,
        `: the token has expired. Write the time of issue and the lifetime: Math.floor(Date.now() / 1000) + 300`,
      );
    else if (ahead > longest) {
      tell(
        'exp',
        exp,
        `: the token lives ${Math.floor(ahead / DAY)} days. Write ${longest / DAY} days at most; minutes are usual`,
      );
    }
  }
  if (iat !== undefined) {
    const ahead = Number(iat) - seconds;
    if (isOtherUnit(iat, ahead)) tell('iat', iat, IN_SECONDS);
    else if (Math.abs(ahead) > SKEW) tell('iat', iat, `${describeOffset(ahead)}. ${WRITE_NOW}`);
  }
  if (nbf !== undefined) {
    const ahead = Number(nbf) - seconds;
    if (isOtherUnit(nbf, ahead)) tell('nbf', nbf, IN_SECONDS);
    else if (ahead > SKEW)
      tell(
        'nbf',
        nbf,
        `${describeOffset(ahead)}: no API accepts the token before. Leave nbf out, or write the time of issue`,
      );
  }
}

const SECTIONS: Readonly<Record<string, number>> = { exp: 4, nbf: 5, iat: 6 };
const IN_SECONDS = '. Write a number: seconds since 1970, not milliseconds';
const WRITE_NOW = 'Write the time of issue: Math.floor(Date.now() / 1000)';
/** Time zones are whole quarters of an hour, and 14 hours from UTC at most. */
const QUARTER = 900;
const LONGEST_ZONE = 14 * 3600;

/** Says how far a time is from now, which is more than a minute, and whether that looks like a time zone. */
function describeOffset(ahead: number): string {
  const distance = Math.abs(ahead);
  const quarters = Math.round(distance / QUARTER);
  const isZone = distance <= LONGEST_ZONE + SKEW && Math.abs(distance - quarters * QUARTER) <= SKEW;
  const side = ahead > 0 ? 'ahead' : 'ago';
  if (!isZone) return `, which is ${distance} s ${side}`;
  return `, which is ${quarters / 4} h ${side}, as if a local time were taken for UTC`;
}

/** Checks the issuer, the user and the signature. */
function checkOrigin(
  name: string,
  { header, claims, jws }: Jwt,
  { issuer, userId, jwks }: ExpectedTokens,
  say: Say,
): void {
  if (issuer !== undefined) compare(name, 'iss', claims.iss, issuer, say);
  if (userId !== undefined) compare(name, 'sub', claims.sub, userId, say);
  if (jwks === undefined) return;
  const algorithm = algorithmOf(header.alg);
  if (algorithm === undefined) {
    say(
      `${name}: alg is ${describeValue(header.alg)}, and no key of jwks verifies that. Sign with a private key, by RS256, ES256 or EdDSA (RFC 7518 §3.1)`,
    );
    return;
  }
  const key = jwks.keys.find((each) => (each as Body).kid === header.kid);
  if (key === undefined) {
    say(
      `${name}: kid is ${describeValue(header.kid)}, and jwks has no such key. Publish the public half of each key that signs (RFC 7517 §4.5)`,
    );
  } else if (!isSigned(jws, algorithm, key)) {
    say(
      `${name}: the signature does not verify with the key ${describeValue(header.kid)} of jwks. Publish the key that signs`,
    );
  }
}

function isSigned({ signed, signature }: Jwt['jws'], algorithm: Algorithm, key: object): boolean {
  try {
    return algorithm.verify(signed, importPublicKey(key, algorithm), signature);
  } catch {
    return false;
  }
}

function compare(name: string, claim: string, value: unknown, wanted: string | undefined, say: Say): void {
  if (value === wanted) return;
  say(`${name}: ${claim} is ${describeValue(value)}, and ${describeValue(wanted)} was expected. ${WRITE[claim]}`);
}

const WRITE: Readonly<Record<string, string>> = {
  iss: 'Write your issuer identifier, as your metadata has it (RFC 8414 §2)',
  sub: 'Write the user of the record',
  client_id: 'Write exchange.client.clientId (RFC 9068 §2.2)',
  aud: 'Write the client (OpenID Connect Core §2)',
  nonce:
    'Save the nonce of the authorization request with the code, and write it if and only if there was one (OpenID Connect Core §3.1.3.7)',
};
