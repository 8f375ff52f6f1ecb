/** The part of sql.js that the spec of the adapters calls. */
declare module 'sql.js' {
  type Value = string | number | null;
  interface Statement {
    bind(values: Value[]): boolean;
    step(): boolean;
    getAsObject(): Record<string, Value>;
    free(): boolean;
  }
  interface Database {
    run(text: string): Database;
    prepare(text: string): Statement;
    getRowsModified(): number;
    export(): Uint8Array;
    close(): void;
  }
  export default function initSqlJs(): Promise<{ Database: new (bytes?: Uint8Array) => Database }>;
}
