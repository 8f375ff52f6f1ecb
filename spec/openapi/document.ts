import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { parse } from 'yaml';
import type { SentAnswer } from '../support/answers';

type Json = Record<string, unknown>;

interface Example {
  value: unknown;
  'x-headers'?: Record<string, string>;
}

interface MediaType {
  schema: Json;
  examples?: Record<string, Example>;
}

interface Header {
  required?: boolean;
  schema: Json;
}

interface Answer {
  headers?: Record<string, Header | Reference>;
  content?: { 'application/json': MediaType };
  /** The request examples that are answered without a body. */
  'x-examples'?: readonly string[];
}

interface Reference {
  $ref: string;
}

interface Operation {
  requestBody?: { content: Record<string, MediaType> };
  responses: Record<string, Answer | Reference>;
}

/** The OpenAPI document as a tool of YAML 1.2 reads it. */
export const document = parse(readFileSync(join(__dirname, '../../docs/openapi.yaml'), 'utf8')) as {
  info: { version: string };
  paths: Record<string, { 'x-other-methods': Reference; get?: Operation; post?: Operation }>;
};

// Keywords of OpenAPI stand beside those of JSON Schema, and what is required may be described elsewhere.
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false }).addSchema(document, 'document');

/** Why a value does not fit the schema at this place of the document. Nothing: it fits. */
export function listMisfits(place: readonly string[], value: unknown): string[] {
  const $ref = `document#/${place.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  const validate = ajv.compile({ $ref });
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

interface Place<Found> {
  place: readonly string[];
  found: Found;
}

/** Follows references, as far as they go. */
function find<Found>(place: readonly string[]): Place<Found> | undefined {
  let found: unknown = document;
  for (const step of place) found = Object(found)[step];
  const { $ref } = Object(found) as Partial<Reference>;
  if ($ref !== undefined) return find($ref.slice(2).split('/'));
  return found === undefined ? undefined : { place, found: found as Found };
}

/** What a connection and CORS need, on every answer of every server. */
const OF_TRANSPORT = ['date', 'connection', 'keep-alive', 'content-length', 'content-type', 'x-powered-by', 'vary'];
const isOfTransport = (name: string) => OF_TRANSPORT.includes(name) || name.startsWith('access-control-');

/** In what an answer is not as the document says. Nothing: it is. */
export function listDifferences({ method, path, status, headers, body }: SentAnswer): string[] {
  const described = ['get', 'post'].filter((each) => document.paths[path] && each in document.paths[path]);
  const isOther = !described.includes(method.toLowerCase().replace('head', 'get'));
  const operation = ['paths', path, method.toLowerCase().replace('head', 'get'), 'responses', String(status)];
  const answer = find<Answer>(isOther ? ['paths', path, 'x-other-methods'] : operation);
  if (!answer || (isOther && status !== 405)) return [`${method} ${path} has no status ${status}`];
  return [...listHeaderDifferences(answer, headers), ...listBodyDifferences(answer, headers, body)];
}

function listHeaderDifferences({ place, found }: Place<Answer>, headers: SentAnswer['headers']): string[] {
  const described = Object.keys(found.headers ?? {});
  const known = described.map((name) => name.toLowerCase());
  const unknown = Object.keys(headers).filter((name) => !isOfTransport(name) && !known.includes(name));
  return [
    ...unknown.map((name) => `the header ${name} is not described`),
    ...described.flatMap((name) => {
      const header = find<Header>([...place, 'headers', name]);
      const sent = headers[name.toLowerCase()];
      if (sent === undefined) return header?.found.required ? [`the header ${name} is missing`] : [];
      const value = header?.found.schema.type === 'integer' ? Number(sent) : sent;
      const misfits = listMisfits([...(header as Place<Header>).place, 'schema'], value);
      return misfits.map((misfit) => `the header ${name}: ${sent}: ${misfit}`);
    }),
  ];
}

function listBodyDifferences({ place, found }: Place<Answer>, headers: SentAnswer['headers'], body: string): string[] {
  const { 'content-type': type } = headers;
  if (!found.content) return body === '' && type === undefined ? [] : [`there is a body: ${type} ${body}`];
  if (!/^application\/json(?:; charset=utf-8)?$/.test(String(type))) return [`the media type is ${type}`];
  return listMisfits([...place, 'content', 'application/json', 'schema'], JSON.parse(body));
}

/** An answer that the document shows, and the request that it shows for it. */
export interface Shown {
  path: string;
  method: 'get' | 'post';
  status: number;
  name: string;
  /** `undefined`: no body. */
  answer: unknown;
  /** `undefined` where it cannot be written as parameters. */
  request: { type: string; body: Json; headers: Record<string, string> } | undefined;
}

/** Every answer that the document describes, `name` being empty where it shows none. */
export function listShown(): Shown[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    (['get', 'post'] as const).flatMap((method) => {
      const { responses = {}, requestBody } = item[method] ?? {};
      const requests = Object.entries(requestBody?.content ?? {}).flatMap(([type, { examples = {} }]) =>
        Object.entries(examples).map(([name, { value, 'x-headers': headers = {} }]) => ({
          name,
          request: { type, body: value as Json, headers },
        })),
      );
      return Object.keys(responses).flatMap((status) => {
        const answer = find<Answer>(['paths', path, method, 'responses', status])?.found ?? {};
        const examples = answer.content?.['application/json'].examples ?? {};
        const shown = [
          ...Object.entries(examples).map(([name, { value }]) => ({ name, answer: value })),
          ...(answer['x-examples'] ?? []).map((name) => ({ name, answer: undefined })),
        ];
        return (shown.length > 0 ? shown : [{ name: '', answer: undefined }]).map((each) => ({
          path,
          method,
          status: Number(status),
          ...each,
          request: requests.find(({ name }) => name === each.name)?.request,
        }));
      });
    }),
  );
}

/** The names of the request examples of an endpoint. */
export const listRequests = (path: string): string[] =>
  Object.values(document.paths[path]?.post?.requestBody?.content ?? {}).flatMap(({ examples = {} }) =>
    Object.keys(examples),
  );
