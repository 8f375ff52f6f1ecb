declare const createHash: typeof import('node:crypto').createHash;

export {};
