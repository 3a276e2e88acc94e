import type { Sql } from './sql.js';

/** One table of the database or of the Prisma schema. */
export interface TableShape {
  /** `character varying(128)`, `bigint not null default now()`, … by column */
  readonly columns: Readonly<Record<string, string>>;
  readonly primaryKey: readonly string[];
  /** `unique (a, b)` and `index_name (a, b)`, sorted */
  readonly indexes: readonly string[];
}

export type Shapes = Readonly<Record<string, TableShape>>;

/** Returns each difference as a sentence; empty when both sides match. */
export function differences(schema: Shapes, database: Shapes): string[] {
  const found: string[] = [];
  for (const table of union(schema, database)) {
    const [said, is] = [schema[table], database[table]];
    if (said === undefined || is === undefined) {
      found.push(`table ${table} is missing in the ${said === undefined ? 'Prisma schema' : 'database'}`);
      continue;
    }
    for (const column of union(said.columns, is.columns)) {
      const [a, b] = [said.columns[column] ?? 'missing', is.columns[column] ?? 'missing'];
      if (a !== b) found.push(`${table}.${column}: "${a}" in the Prisma schema, "${b}" in the database`);
    }
    for (const key of ['primaryKey', 'indexes'] as const) {
      const [a, b] = [said[key].join(', '), is[key].join(', ')];
      if (a !== b) found.push(`${table} ${key}: "${a}" in the Prisma schema, "${b}" in the database`);
    }
  }
  return found;
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

const SCALARS: Readonly<Record<string, string>> = {
  BigInt: 'bigint',
  Int: 'integer',
  String: 'text',
  DateTime: 'timestamp(3) without time zone',
  Json: 'jsonb',
  Bytes: 'bytea',
};

/** Reads the tables of a Prisma schema. @throws for syntax that the project does not use */
export function readPrismaSchema(text: string): Shapes {
  const shapes: Record<string, TableShape> = {};
  for (const [, model = '', body = ''] of text.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)) {
    const columnOf = new Map<string, string>();
    const columns: Record<string, string> = {};
    const indexes: string[] = [];
    let primaryKey: string[] = [];
    let table = model;
    const lines = body.split('\n').map((line) => line.trim());
    const columnsOf = (list: string): string[] =>
      list.split(',').map((field) => {
        const column = columnOf.get(field.replace(/\(.*/, '').trim());
        if (column === undefined) throw new Error(`${model} has no field ${field}`);
        return column;
      });
    for (const line of lines.filter((l) => l !== '' && !l.startsWith('//'))) {
      const block = /^@@(\w+)\((?:\[([^\]]*)\])?(?:, )?(?:map: )?(?:"(\w+)")?\)$/.exec(line);
      const field = /^(\w+)\s+(\w+)(\?)?((?:\s+@[\w.]+(?:\((?:[^()]|\(\))*\))?)*)$/.exec(line);
      if (block !== null) {
        const [, kind, list = '', name = ''] = block;
        if (kind === 'map') table = name;
        else if (kind === 'id') primaryKey = columnsOf(list);
        else if (kind === 'index') indexes.push(`${name} (${columnsOf(list).join(', ')})`);
        else if (kind === 'unique') indexes.push(`unique (${columnsOf(list).join(', ')})`);
        else throw new Error(`${model}: ${line} is not understood`);
      } else if (field !== null) {
        const [, name = '', scalar = '', optional, attributes = ''] = field;
        const column = /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? name;
        columnOf.set(name, column);
        if (/@id\b/.test(attributes)) primaryKey = [column];
        if (/@unique\b/.test(attributes)) indexes.push(`unique (${column})`);
        columns[column] = [
          sqlType(model, scalar, /@db\.(\w+(?:\(\d+\))?)/.exec(attributes)?.[1]),
          ...(optional === undefined ? ['not null'] : []),
          ...defaultOf(/@default\(((?:[^()]|\(\))*)\)/.exec(attributes)?.[1]),
        ].join(' ');
      } else {
        throw new Error(`${model}: ${line} is not understood`);
      }
    }
    shapes[table] = { columns, primaryKey, indexes: indexes.sort() };
  }
  return shapes;
}

function sqlType(model: string, scalar: string, native: string | undefined): string {
  const type = native
    ?.replace(/^VarChar\((\d+)\)$/, 'character varying($1)')
    .replace(/^Timestamptz\((\d)\)$/, 'timestamp($1) with time zone')
    .replace(/^Bit\((\d+)\)$/, 'bit($1)')
    .replace(/^(Uuid|Date|SmallInt)$/, (name) => name.toLowerCase());
  const known = type ?? SCALARS[scalar];
  if (known === undefined) throw new Error(`${model}: type ${scalar} is not understood`);
  return known;
}

function defaultOf(text: string | undefined): string[] {
  return text === undefined ? [] : [`default ${text}`];
}

/** Reads the tables of the schema `public` without partitions and the table of migrations. */
export async function readDatabase(sql: Sql): Promise<Shapes> {
  const tables = await sql.rows<{ name: string }>(`
    SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND relname <> 'analytics_migrations'`);
  const columns = await sql.rows<{ table: string; column: string; type: string }>(`
    SELECT c.relname AS table, a.attname AS column,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
             'default ' || CASE
               WHEN a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%' THEN 'autoincrement()'
               WHEN a.attgenerated <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '((pg_current_xact_id(%' THEN 'dbgenerated()'
               ELSE pg_get_expr(d.adbin, d.adrelid) END) AS type
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace`);
  const indexes = await sql.rows<{ table: string; name: string; kind: string; columns: string[] }>(`
    SELECT t.relname AS table, i.relname AS name,
           CASE WHEN x.indisprimary THEN 'primary' WHEN x.indisunique THEN 'unique' ELSE 'index' END AS kind,
           array(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY AS k (attnum, n)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum ORDER BY k.n) AS columns
    FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE t.relnamespace = 'public'::regnamespace`);
  return Object.fromEntries(
    tables.map(({ name }): [string, TableShape] => {
      const ours = indexes.filter(({ table }) => table === name);
      return [
        name,
        {
          columns: Object.fromEntries(
            columns.filter(({ table }) => table === name).map(({ column, type }) => [column, type]),
          ),
          primaryKey: ours.find(({ kind }) => kind === 'primary')?.columns ?? [],
          indexes: ours
            .filter(({ kind }) => kind !== 'primary')
            .map(
              (index) => `${index.kind === 'unique' ? 'unique' : index.name} (${index.columns.join(', ')})`,
            )
            .sort(),
        },
      ];
    }),
  );
}
