import { isHttpUrl, isUrl } from '../issuer';
import { describeValue } from '../received';
import type { AuthorizationServerMetadataOptions } from './types';

export type Members = Readonly<Record<string, unknown>>;

const isUrlName = (name: string) => name.endsWith('_endpoint') || name.endsWith('_uri');
/** Where tokens, credentials and keys pass (RFC 8414 §2, RFC 7009 §2). */
const isHttpsName = (name: string) => name.endsWith('_endpoint') || name === 'jwks_uri';
/** Lists of algorithms that clients sign with. */
const isSigningName = (name: string) =>
  name.endsWith('_auth_signing_alg_values_supported') || name === 'dpop_signing_alg_values_supported';
const isMethodName = (name: string) => name.endsWith('_auth_methods_supported');
/** Methods that sign (RFC 8414 §2, OpenID Connect Core §9). */
const SIGNING_METHODS = ['private_key_jwt', 'client_secret_jwt'];

/** Members of the host that are arrays of strings (RFC 8414 §2 and §3.2). Those of other specifications pass as they are. */
const isListName = (name: string) =>
  isMethodName(name) ||
  isSigningName(name) ||
  /^(?:scopes|response_types|response_modes|ui_locales)_supported$/.test(name);
/** Lists that are required, or that have a default where they are left out (RFC 8414 §2). */
const NEEDED = [
  'response_types_supported',
  'response_modes_supported',
  'token_endpoint_auth_methods_supported',
  'revocation_endpoint_auth_methods_supported',
];

/** Lists members that contradict a router. The order of a list does not count. */
export function listContradictions(given: Members, known: Members): string[] {
  return Object.entries(known).flatMap(([name, value]) => {
    if (value === undefined || !(name in given) || isSame(given[name], value)) return [];
    return [`members.${name} is ${show(given[name])}, but it is ${show(value)}. Leave it out.`];
  });
}

/** Lists required members that neither an adapter nor the host gives. */
export function listUnknown(given: Members, known: Members): string[] {
  const unknown = Object.keys(known).filter((name) => known[name] === undefined && given[name] === undefined);
  return unknown.map((name) => `members.${name} is missing, and your adapter does not say it. Write an array.`);
}

export function listBadUrls(all: Members): string[] {
  return Object.entries(all)
    .filter(([name, url]) => isUrlName(name) && !isHttpUrl(url))
    .map(([name, url]) => `members.${name} is ${describeValue(url)}. Write an http(s) URL without a fragment.`);
}

/** A string or null in the place of a list is read by no client. */
export function listBadLists(all: Members): string[] {
  const lists = Object.entries(all).filter(([name]) => isListName(name));
  const wrong = lists.filter(([, list]) => !isTexts(list));
  const empty = lists.filter(([name, list]) => NEEDED.includes(name) && Array.isArray(list) && list.length === 0);
  return [
    ...wrong.map(([name, list]) => `members.${name} is ${describeList(list)}. Write an array of strings.`),
    ...empty.map(([name]) => `members.${name} is an empty array. Write what you serve: clients need this list.`),
  ];
}

/** What is sent to http can be read on its way. An issuer by http is for development. */
export function listUnsafeUrls({ issuer, ...all }: Members): string[] {
  if (isPlainHttp(issuer)) return [];
  return Object.entries(all)
    .filter(([name, url]) => isHttpsName(name) && isPlainHttp(url))
    .map(([name, url]) => `${name} is ${describeValue(url)}. Write an https URL, as your issuer is one.`);
}

/** Methods that sign come with their algorithms, of which `none` is none (RFC 8414 §2). */
export function listBadAlgorithms(all: Members): string[] {
  const listOf = (name: string): readonly unknown[] => [all[name] ?? []].flat();
  const names = Object.keys(all);
  const missing = names
    .filter((name) => isMethodName(name) && listOf(name).some((each) => SIGNING_METHODS.includes(String(each))))
    .map((name) => name.replace('methods', 'signing_alg_values'))
    .filter((name) => listOf(name).length === 0);
  const none = names.filter((name) => isSigningName(name) && listOf(name).includes('none'));
  return [
    ...missing.map((name) => `members.${name} is missing, and a method needs it. Write an array such as ['ES256'].`),
    ...none.map((name) => `members.${name} has 'none'. Leave that out: it is no signature.`),
  ];
}

/** Lists URLs that do not end in the path of their router. */
export function listWrongPaths(all: Members, options: AuthorizationServerMetadataOptions): string[] {
  const routers = {
    token_endpoint: options.tokenRouter,
    revocation_endpoint: options.revocationRouter,
    introspection_endpoint: options.introspectionRouter,
  };
  return Object.entries(routers).flatMap(([name, router]) => {
    const url = String(all[name]);
    if (!router || !isUrl(url) || new URL(url).pathname.endsWith(router.metadata.path)) return [];
    return [`${name} is ${describeValue(url)}, but the path of its router is ${describeValue(router.metadata.path)}.`];
  });
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
/** Names the first entry that is no text. */
function describeList(list: unknown): string {
  if (!Array.isArray(list)) return describeValue(list);
  return `an array with ${describeValue(list.find((each) => !isText(each)))}`;
}
const isPlainHttp = (url: unknown) => String(url).startsWith('http:');
const isSame = (one: unknown, other: unknown) => toSet(one) === toSet(other);
const toSet = (value: unknown) => JSON.stringify(Array.isArray(value) ? [...new Set(value)].sort() : value);
const show = (value: unknown) => (Array.isArray(value) ? value.map(String).join(', ') || 'none' : describeValue(value));
