export type { OAuthError } from '../errors';
export type { Awaitable } from '../types';
export { type CallbackUrlOptions, isCallbackUrl } from './callback-url';
export { codeRecordOf } from './code-record';
export { parseAuthorizationRequest } from './request';
export { authorizationResponse } from './response';
export { consentRequired, interactionRequired, isSilent, loginRequired, needsLogin } from './silent';
export type {
  ApplicationType,
  AuthorizationAnswer,
  AuthorizationClient,
  AuthorizationErrorAnswer,
  AuthorizationErrorCode,
  AuthorizationRequest,
  AuthorizationRequestOptions,
  AuthorizationTarget,
  CodeRecord,
  CodeRecordOptions,
  Granted,
  ParsedAuthorizationRequest,
  Prompt,
  ResponseMode,
} from './types';
