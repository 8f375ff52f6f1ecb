import { createHash } from 'node:crypto';
import type { AuthorizationTarget } from './types';

/** A page that passes an answer on, and the policy that it needs. */
export interface Page {
  html: string;
  contentSecurityPolicy: string;
}

/** The parameters of an answer, by name. */
export type AnswerParameters = Readonly<Record<string, string>>;

const FORM_POST = 'document.forms[0].submit();';

/** The data is in `data-` attributes, so that the script is always the same and the policy can name its digest. */
const WEB_MESSAGE =
  'const { origin, response } = document.currentScript.dataset;' +
  "(window.opener || window.parent).postMessage({ type: 'authorization_response', response: JSON.parse(response) }, origin);";

/** A form that submits itself (OAuth 2.0 Form Post Response Mode). Without scripts, it shows a button. */
export function formPostPage({ responseUri }: AuthorizationTarget, parameters: AnswerParameters): Page {
  const fields = Object.entries(parameters).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const form = `<form method="post" action="${escapeHtml(responseUri)}">${fields.join('')}<noscript><button>Continue</button></noscript></form>`;
  return {
    html: document(`${form}<script>${FORM_POST}</script>`),
    // No form-action: Chrome applies it to the redirects of the client as well.
    contentSecurityPolicy: policy(FORM_POST, "'none'"),
  };
}

/** A page that posts a message to its opener or its parent page, if that has the origin of the callback URL. */
export function webMessagePage({ responseUri }: AuthorizationTarget, parameters: AnswerParameters): Page {
  const { origin } = new URL(responseUri);
  const data = `data-origin="${escapeHtml(origin)}" data-response="${escapeHtml(JSON.stringify(parameters))}"`;
  return {
    html: document(`<script ${data}>${WEB_MESSAGE}</script>`),
    contentSecurityPolicy: policy(WEB_MESSAGE, origin),
  };
}

function document(body: string): string {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Signing in</title></head><body>${body}</body></html>`;
}

function policy(script: string, frameAncestors: string): string {
  const digest = createHash('sha256').update(script).digest('base64');
  return `default-src 'none'; script-src 'sha256-${digest}'; base-uri 'none'; frame-ancestors ${frameAncestors}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
