type Row = Record<string, unknown>;
declare const db: { prepare(sql: string): { run(...values: unknown[]): { changes: number }; get(value: string): Row } };
declare const SAVE_CODE: string;
declare const CONSUME_CODE: string;
declare const digestOf: (text: string) => string;
declare const digestOfAddress: typeof import('express-token-router').digestOfAddress;
declare const randomUUID: typeof import('node:crypto').randomUUID;
declare const keepGrant: (record: { grantId: string; expiresAt: Date }, revokedAt?: number) => void;
type Members = {
  saveCode(code: string, record: import('express-token-router').AuthorizationCode): { grantId: string };
  consumeCode(record: { grantId: string }, req?: import('express').Request): boolean;
};

export {};
