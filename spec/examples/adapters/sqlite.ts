import initSqlJs from 'sql.js';

type Value = string | number | null;
type Row = Record<string, Value>;

/** What the adapter asks of a driver. `DatabaseSync` of node:sqlite has it, and so has better-sqlite3. */
export interface Database {
  exec(text: string): unknown;
  prepare(text: string): { get(...values: Value[]): unknown; run(...values: Value[]): { changes: number | bigint } };
  close(): void;
}

/** `node:sqlite`, which Node has since 22.5. */
const builtIn = process.getBuiltinModule?.('node:sqlite') as
  | { DatabaseSync: new (path: string) => Database }
  | undefined;

/** A database in a file of its own. Node 20 has no SQLite: there it is SQLite as WebAssembly, with the same functions. */
export async function openDatabase(
  path: string,
  read: () => Uint8Array | undefined,
): Promise<Database & { save(): Uint8Array | undefined }> {
  if (builtIn) return Object.assign(new builtIn.DatabaseSync(path), { save: () => undefined });
  const { Database } = await initSqlJs();
  const db = new Database(read());
  db.run('PRAGMA foreign_keys = ON');
  return {
    exec: (text) => db.run(text),
    prepare(text) {
      const statement = db.prepare(text);
      const step = (values: Value[]): Row | undefined => {
        statement.bind(values);
        const row = statement.step() ? (statement.getAsObject() as Row) : undefined;
        statement.free();
        return row;
      };
      return {
        get: (...values) => step(values),
        run: (...values) => {
          step(values);
          return { changes: db.getRowsModified() };
        },
      };
    },
    close: () => db.close(),
    save: () => db.export(),
  };
}
