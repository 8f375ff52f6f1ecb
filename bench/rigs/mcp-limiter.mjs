import { createRig as createUnlimited } from './mcp.mjs';

/** The MCP SDK's `tokenHandler` with its limiter, as it is without options. */
export const createRig = (parts) => createUnlimited(parts, { isLimited: true });
