type Device = { polledAt: number; interval: number; answer?: string };
declare const device: Device;
declare const refuse: (error: string, description: string) => Error;
declare const store: import('express-token-router/memory').Store;
declare const parameters: { device_code: string };
declare const client: import('express-token-router').Client;
declare const confirmation: import('express-token-router').Confirmation | undefined;
declare const servesRefresh: boolean;
declare const req: import('express').Request;
declare const issueTokens: ReturnType<typeof import('express-token-router/tokens').createTokenIssuer>['issueTokens'];

export {};
