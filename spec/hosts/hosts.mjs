import { AZURE } from './azure.mjs';
import { GOOGLE } from './google.mjs';
import { LAMBDA } from './lambda.mjs';
import { NEST, NEST_MODULE } from './nest.mjs';
import { NEXT } from './next.mjs';
import { SERVERS } from './servers.mjs';
import { VERCEL } from './vercel.mjs';

const STARTS = { ...SERVERS, ...NEST, ...LAMBDA, ...GOOGLE, ...AZURE, ...VERCEL };

/** Every host by its name: where the router is, and what starts it. */
export const HOSTS = {
  ...Object.fromEntries(Object.entries(STARTS).map(([name, start]) => [name, { start }])),
  '@nestjs/platform-express, in a module': NEST_MODULE,
  ...NEXT,
};
