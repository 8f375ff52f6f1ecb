import type { AuthorizationCode, Client, IssuedTokens } from '../../lib';

/** A host's own record. */
export interface Row extends AuthorizationCode {
  id: number;
  userId: string;
}

/** A host's own client. */
export interface RegisteredClient extends Client {
  name: string;
  secretHash: string;
}

/** Another record of the same host, which is no authorization code. */
export interface RefreshTokenRow {
  family: string;
}

export declare const row: Row;
export declare const registered: RegisteredClient;
export declare const tokens: IssuedTokens;

export declare function findCode(code: string): Promise<Row | null>;
export declare function consumeCode(code: Row): Promise<boolean>;
export declare function revokeTokens(code: Row): Promise<void>;
export declare function issueTokens(exchange: { code: Row }): Promise<IssuedTokens>;
export declare function authenticateClient(credentials: { clientId?: string }): Promise<RegisteredClient | undefined>;

/** A store as the package's own are: closures to destructure. */
export declare function rowStore(): {
  saveCode: (code: string, record: Row) => Promise<void>;
  findCode: (code: string) => Promise<Row | undefined>;
  consumeCode: (code: Row) => Promise<boolean>;
  revokeTokens: (code: Row) => Promise<void>;
};

/** The same, generic over the record. */
export declare function storeOf<Record extends AuthorizationCode>(): {
  findCode: (code: string) => Promise<Record | undefined>;
  consumeCode: (code: Record) => Promise<boolean>;
};
