import type { DpopAlgorithm } from '../../lib/dpop';
import { createPkcePair } from '../../lib/testing';
import { prove, SIGNERS } from '../dpop/support/prover';
import { parametersOf } from '../endpoints/announced';
import { fetchAlone as fetch, startExample } from './example';
import { createVisitor, PASSWORDS, signInAndAgree, type Visit, type Visitor } from './visitor';

export type Json = Record<string, unknown>;

/** What a client gets from the authorization endpoint, and needs to redeem it. */
export interface Login extends Visit {
  clientId: string;
  redirectUri: string;
  codeVerifier: string;
  parameters: Record<string, string>;
}

/** Header fields and parameters of a client that authenticates. */
export interface Credential {
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  text: string;
  body: Record<string, string>;
  headers: Headers;
}

export const basic = (clientId: string, secret: string): Credential => ({
  headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
});

/** An example of an authorization server that runs, and a public client of it. */
export async function startAnnouncing(name: string, { clientId, path }: { clientId: string; path: string }) {
  const example = await startExample(name, {});
  const origin = `http://localhost:${example.port}`;
  const metadata = await getJson(`${origin}/.well-known/oauth-authorization-server`);
  const scopes = metadata.scopes_supported as string[];
  const urlOf = (member: string) => String(metadata[member]);
  const ada = createVisitor(origin);

  async function post(url: string, { form = {}, headers = {} }: Credential): Promise<Answer> {
    const answer = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) });
    const text = await answer.text();
    return { status: answer.status, text, body: text.startsWith('{') ? JSON.parse(text) : {}, headers: answer.headers };
  }

  return {
    example,
    origin,
    metadata,
    scopes,
    urlOf,
    post,
    listOf: (member: string) => (metadata[member] ?? []) as readonly string[],

    /** Signs in and agrees, or sees what else the authorization endpoint shows: `visit` says who visits, and how. */
    async logIn(
      change: Record<string, string> = {},
      visit: (url: string) => Promise<Visit> = (url) => signInAndAgree(ada, url),
    ): Promise<Login> {
      const { codeVerifier, codeChallenge } = createPkcePair();
      const query = {
        client_id: clientId,
        redirect_uri: `${origin}${path}`,
        response_type: 'code',
        scope: scopes.join(' '),
        state: 'a state',
        nonce: 'a nonce',
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        ...change,
      };
      const seen = await visit(`${urlOf('authorization_endpoint')}?${new URLSearchParams(query)}`);
      const parameters = parametersOf(seen);
      return { ...seen, clientId: query.client_id, redirectUri: query.redirect_uri, codeVerifier, parameters };
    },

    redeem(login: Login, { form, headers }: Credential = { form: { client_id: login.clientId } }): Promise<Answer> {
      const { codeVerifier: code_verifier, redirectUri: redirect_uri } = login;
      const own = {
        grant_type: 'authorization_code',
        code: String(login.parameters.code),
        code_verifier,
        redirect_uri,
      };
      return post(urlOf('token_endpoint'), { form: { ...own, ...form }, ...(headers && { headers }) });
    },

    /** With a proof of a new key: once, or again if the server wants a nonce. */
    async redeemWithProof(login: Login, alg: DpopAlgorithm): Promise<Answer> {
      const signer = SIGNERS[alg]();
      const ask = (more: object) => {
        const DPoP = prove({ signer, claims: { htu: urlOf('token_endpoint'), ...more } });
        return this.redeem(login, { form: { client_id: login.clientId }, headers: { DPoP } });
      };
      const first = await ask({});
      return first.body.error === 'use_dpop_nonce' ? ask({ nonce: first.headers.get('dpop-nonce') }) : first;
    },
  };
}

export type Announcing = Awaited<ReturnType<typeof startAnnouncing>>;

export const getJson = async (url: string) => (await (await fetch(url)).json()) as Json;

/** Another browser, in which a user has signed in. */
export async function createSignedIn({ origin, logIn }: Announcing): Promise<Visitor> {
  const visitor = createVisitor(origin);
  await logIn({}, async (url) => {
    const page = await visitor.go(url);
    return visitor.submit(page, { username: 'ben', password: PASSWORDS.ben });
  });
  return visitor;
}
