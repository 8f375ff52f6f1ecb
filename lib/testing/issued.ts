import { createHash } from 'node:crypto';
import { splitScope } from '../grants/scope';
import { algorithmOf } from '../jws/algorithms';
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

function checkMembers(body: Body, { jkt, scope, refreshToken }: ExpectedTokens, say: Say): void {
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
  if (granted.includes('openid') !== 'id_token' in body) {
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
  try {
    const jws = parseJws(String(token), 1_000_000);
    return { header: parseObject(jws.header), claims: jws.payload, jws };
  } catch {
    say(
      `${name} is no JWT${name === 'access_token' ? ". If it is meant to be opaque, expect accessToken: 'opaque'" : ' (OpenID Connect Core §2)'}`,
    );
    return undefined;
  }
}

function checkAccessToken({ header, claims, jws }: Jwt, body: Body, expected: ExpectedTokens, say: Say): void {
  const name = 'access_token';
  const { clientId, jkt, scope, resources } = expected;
  if (!isType(header.typ, 'at+jwt')) {
    say(
      `${name}: typ is ${describeValue(header.typ)}. Write at+jwt, so that no ID token passes for one (RFC 9068 §2.1)`,
    );
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
  checkTimes(name, claims, say);
  const life = Number(claims.exp) - Number(claims.iat);
  if (Math.abs(life - Number(body.expires_in)) > 1) {
    say(
      `expires_in is ${describeValue(body.expires_in)}, and the access token lives ${life} s. Return the seconds that it lives`,
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
  if (clientId !== undefined && ![claims.aud].flat().includes(clientId))
    compare(name, 'aud', claims.aud, clientId, say);
  if (nonce !== undefined) compare(name, 'nonce', claims.nonce, nonce ?? undefined, say);
  if (claims.at_hash !== undefined && claims.at_hash !== hashOf(String(body.access_token), String(header.alg))) {
    say(`${name}: at_hash is not the hash of this access token (OpenID Connect Core §3.1.3.6)`);
  }
  checkTimes(name, claims, say);
  checkOrigin(name, jwt, expected, say);
}

/** The left half of the hash of the ID token's algorithm. */
function hashOf(token: string, alg: string): string {
  const size = alg.startsWith('Ed') ? '512' : alg.slice(2);
  const digest = createHash(/^(?:256|384|512)$/.test(size) ? `sha${size}` : 'sha256')
    .update(token)
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

function checkTimes(name: string, { iat, exp }: Body, say: Say): void {
  const seconds = now();
  if (exp !== undefined && !(Number(exp) > seconds && Number(exp) < seconds + 1e9)) {
    say(
      `${name}: exp is ${describeValue(exp)}, and now it is ${seconds}. Write seconds, not milliseconds, that lie ahead (RFC 7519 §4.1.4)`,
    );
  }
  if (iat !== undefined && !(Math.abs(Number(iat) - seconds) <= 60)) {
    say(
      `${name}: iat is ${describeValue(iat)}, and now it is ${seconds}. Write seconds, not milliseconds (RFC 7519 §4.1.6)`,
    );
  }
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
  const key = jwks.keys.find((each) => (each as Body).kid === header.kid);
  if (key === undefined) {
    say(
      `${name}: kid is ${describeValue(header.kid)}, and jwks has no such key. Publish the public half of each key that signs (RFC 7517 §4.5)`,
    );
  } else if (!isSigned(jws, header, key)) {
    say(
      `${name}: the signature does not verify with the key ${describeValue(header.kid)} of jwks. Publish the key that signs`,
    );
  }
}

function isSigned({ signed, signature }: Jwt['jws'], { alg }: Body, key: object): boolean {
  const algorithm = algorithmOf(alg);
  try {
    return algorithm?.verify(signed, importPublicKey(key, algorithm), signature) === true;
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
