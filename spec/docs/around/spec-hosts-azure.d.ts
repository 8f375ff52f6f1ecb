declare const request: Request;
declare const router: import('express').Router;
declare const inject: (listener: Listener, message: object) => Promise<Answer>;
type Listener = (req: import('express').Request, res: import('express').Response) => void;
type Answer = { statusCode: number; headers: Record<string, string>; rawPayload: Buffer };

export {};
