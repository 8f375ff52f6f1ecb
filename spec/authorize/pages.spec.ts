import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import express from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { type AuthorizationTarget, authorizationResponse } from '../../lib/authorize';
import { CALLBACK, ISSUER } from './support';

jest.setTimeout(120_000);

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const unescapeHtml = (text: string) => text.replace(/&([\w#]+);/g, (_all, name: string) => String(ENTITIES[name]));

/** The page as a browser takes it apart: elements with their attributes, and the script. Anything unknown fails. */
function read(html: string) {
  const elements: { name: string; attributes: Record<string, string> }[] = [];
  let script = '';
  const rest = html
    .replace(/<script([^>]*)>([^<]*)<\/script>/g, (_all, attributes: string, text: string) => {
      elements.push({ name: 'script', attributes: readAttributes(attributes) });
      script += text;
      return '';
    })
    .replace(/<(\w+)((?: [\w-]+(?:="[^"<>]*")?)*)>/g, (_all, name: string, attributes: string) => {
      elements.push({ name, attributes: readAttributes(attributes) });
      return '';
    })
    .replace(/<\/\w+>|<!DOCTYPE html>/g, '');
  expect(rest).toMatch(/^[\w ]*$/);
  return { elements, script };
}

function readAttributes(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/ ([\w-]+)(?:="([^"]*)")?/g)].map(([, name, value = '']) => [name, unescapeHtml(value)]),
  );
}

async function open(target: Partial<AuthorizationTarget>, code = 'a-code') {
  const whole = {
    responseUri: CALLBACK,
    responseMode: 'form_post',
    state: 'a state',
    issuer: ISSUER,
    ...target,
  } as const;
  const app = express().use((_req, res) => authorizationResponse(res, whole, { code }));
  const { text, headers } = await request(app).get('/');
  return { ...read(text), html: text, policy: String(headers['content-security-policy']) };
}

/** Runs the script of a page in a window; says what was posted to whom. */
function run(script: string, dataset: object, { hasOpener = false, isFramed = false } = {}) {
  const posted: { to: string; message: unknown; origin: string }[] = [];
  const windowOf = (to: string) => ({
    postMessage: (message: unknown, origin: string) =>
      posted.push({ to, message: JSON.parse(JSON.stringify(message)), origin }),
  });
  let submitted = 0;
  const document = { currentScript: { dataset }, forms: [{ submit: () => (submitted += 1) }] };
  const window = { opener: hasOpener ? windowOf('opener') : null, parent: windowOf(isFramed ? 'parent' : 'itself') };
  runInNewContext(script, { document, window });
  return { posted, submitted };
}

const HOSTILE = [
  '"><script>alert(1)</script>',
  '\'"><img src=x onerror=alert(1)>',
  '</script><script>alert(1)</script>',
  '&quot;&#x22;&lt;',
  '<!--',
  ']]>',
  '{{constructor.constructor("alert(1)")()}}',
  '\\u003cscript\\u003e',
  'javascript:alert(1)',
];

describe.each(['form_post', 'web_message'] as const)('The page of %s', (responseMode) => {
  it.each(HOSTILE)('has the state %s as a value, and nothing of it as markup', async (state) => {
    const plain = await open({ responseMode });
    const hostile = await open({ responseMode, state });
    const shape = ({ elements }: typeof plain) =>
      elements.map(({ name, attributes }) => [name, Object.keys(attributes)]);
    expect(shape(hostile)).toEqual(shape(plain));
    expect([hostile.script, hostile.policy]).toEqual([plain.script, plain.policy]);
  });

  it('has one script, whose digest its policy names', async () => {
    const { elements, script, policy } = await open({ responseMode });
    expect(elements.filter(({ name }) => name === 'script')).toHaveLength(1);
    const digest = createHash('sha256').update(script).digest('base64');
    expect(policy).toContain(`script-src 'sha256-${digest}';`);
    expect(policy).not.toContain('unsafe');
  });

  it('loads nothing and calls nothing inline', async () => {
    const { elements } = await open({ responseMode });
    const names = elements.flatMap(({ attributes }) => Object.keys(attributes));
    expect(names.filter((name) => /^(?:src|href|style|on\w+|srcdoc)$/.test(name))).toEqual([]);
  });
});

describe('The form of form_post', () => {
  it('has the parameters of the answer, sends itself once, and has a button where there are no scripts', async () => {
    const { elements, script, html } = await open({ responseUri: "https://app.example/cb?a='b'&c" });
    const form = elements.find(({ name }) => name === 'form');
    expect(form?.attributes).toEqual({ method: 'post', action: "https://app.example/cb?a='b'&c" });
    const fields = elements.filter(({ name }) => name === 'input').map(({ attributes }) => attributes);
    expect(fields).toEqual([
      { type: 'hidden', name: 'code', value: 'a-code' },
      { type: 'hidden', name: 'state', value: 'a state' },
      { type: 'hidden', name: 'iss', value: ISSUER },
    ]);
    expect(run(script, {})).toEqual({ posted: [], submitted: 1 });
    expect(html).toContain('<noscript><button>Continue</button></noscript></form>');
  });
});

describe('The message of web_message', () => {
  const dataOf = ({ elements }: Awaited<ReturnType<typeof open>>) => {
    const { attributes } = elements.find(({ name }) => name === 'script') ?? {
      attributes: {} as Record<string, string>,
    };
    return { origin: attributes['data-origin'], response: attributes['data-response'] };
  };

  it.each([
    ['the window that opened it', { hasOpener: true }, 'opener'],
    ['the page around it', { isFramed: true }, 'parent'],
    ['itself where there is neither, so to nobody', {}, 'itself'],
  ])('goes to %s, and there to the origin of the callback URL alone', async (_title, place, to) => {
    const page = await open({ responseMode: 'web_message' });
    const { posted } = run(page.script, dataOf(page), place);
    const message = { type: 'authorization_response', response: { code: 'a-code', state: 'a state', iss: ISSUER } };
    expect(posted).toEqual([{ to, message, origin: 'https://app.example' }]);
  });

  it.each([
    ['https://app.example:8443/cb?x', 'https://app.example:8443'],
    ['https://app.example:443/cb', 'https://app.example'],
    ['https://App.Example/cb', 'https://app.example'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
  ])('for %s goes to %s, and the policy lets that origin frame it', async (responseUri, origin) => {
    const page = await open({ responseMode: 'web_message', responseUri });
    expect(dataOf(page).origin).toBe(origin);
    expect(page.policy.endsWith(`frame-ancestors ${origin}`)).toBe(true);
  });

  it('returns every state unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme-ascii', minLength: 1 })),
        async (state) => {
          const page = await open({ responseMode: 'web_message', state });
          expect(run(page.script, dataOf(page)).posted[0]?.message).toMatchObject({ response: { state } });
          const { elements } = await open({ responseMode: 'form_post', state });
          expect(elements.find(({ attributes }) => attributes.name === 'state')?.attributes.value).toBe(state);
        },
      ),
      { numRuns: 60 },
    );
  });
});
