/** The names and addresses of this machine in a URL (RFC 6761 §6.3). */
const LOCAL = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;

export const isThisMachine = (hostname: string): boolean => LOCAL.test(hostname);
