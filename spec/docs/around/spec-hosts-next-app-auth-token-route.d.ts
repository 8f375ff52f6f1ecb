declare const statusCode: number;
declare const headers: Record<string, string>;
declare const rawPayload: Buffer<ArrayBuffer>;

export {};
