declare const db: { prepare(sql: string): { run(...values: unknown[]): { changes: number } } };
declare const INSERT: string;
declare const createHash: typeof import('node:crypto').createHash;
type Members = { consumeJti(jti: import('express-token-router/memory').DpopJti): boolean };

export {};
