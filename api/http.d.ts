// http/client-credentials.d.ts
import type { Request } from 'express';
import type { ClientCredentials } from '../types';
import { type ReadParameter } from './parameters';
export declare function parseClientCredentials(req: Request, body?: unknown): ClientCredentials;
export declare function readClientCredentials(req: Request, readParameter: ReadParameter, { needsCredential }?: {
    needsCredential?: boolean | undefined;
}): ClientCredentials;

// http/parameters.d.ts
import type { Request } from 'express';
import { OAuthError } from '../errors';
export type Body = Readonly<Record<string, unknown>>;
export declare const OWN_PARAMETERS: ReadonlySet<string>;
export declare const RESERVED_PARAMETERS: ReadonlySet<string>;
export type ReadParameter = (name: string) => string | undefined;
export declare function readFields(req: Request, name: string): readonly string[];
export declare function checkQuery(req: Request, more: readonly string[]): void;
export declare function createParameterReader(body: Body): ReadParameter;
export declare function checkCharacters(name: string, value: string): string;
export declare function requireParameter(readParameter: ReadParameter, name: string): string;
export declare const missingParameter: (name: string) => OAuthError;
