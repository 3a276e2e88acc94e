/** Tables that the cluster distributes, each by its column `bucket` or `lane`. */
const DISTRIBUTED =
  /\banalytics_(buckets|event_log|event_corrections|daily_actives|dau_pending|outbox_lanes|outbox|identities|identity_counters|identity_blocks|active_bits|place_actives)\b/;
/** Tables and catalogues that only the coordinator has, or that say something of the coordinator alone. */
const LOCAL =
  /\b(analytics_(daily_active_users|online_snapshots|write_probe|dropped_days|active_days|erased_actives)|pg_(inherits|class))\b/;
const DELEGATED = /\banalytics_(flush|claim)\s*\(/;
const VOLATILE = /\b(clock_timestamp|nextval|random|gen_random_uuid|set_config|timeofday)\s*\(/;
const TIME = /\b(clock_timestamp|statement_timestamp|transaction_timestamp|now)\s*\(/;
const ROUTED = /\b(bucket|lane) = (\$\d+(::smallint)?|p_bucket)/;

interface Rule {
  /** Says what a statement must do, and the error or the cost of one that does not. */
  readonly name: string;
  readonly isBrokenBy: (sql: string) => boolean;
}

/** Citus 12.1 answered each of these with an error, or gathered rows on the coordinator; docs/citus.md. */
const RULES: readonly Rule[] = [
  {
    name: 'an INSERT names the bucket or the lane (0A000: without a partition column value)',
    isBrokenBy: (sql) =>
      [...sql.matchAll(/\binsert into (\w+)(?: as \w+)?\s*(\([^)]*\))?/g)].some(
        ([, table = '', columns = '']) => DISTRIBUTED.test(table) && !/\b(bucket|lane)\b/.test(columns),
      ),
  },
  {
    name: 'an INSERT ... SELECT reads analytics_buckets for one bucket (else the rows pass through the coordinator)',
    isBrokenBy: (sql) =>
      [...sql.matchAll(/\binsert into (\w+)[^;]*/g)].some(
        ([text, table = '']) =>
          DISTRIBUTED.test(table) &&
          /\bselect\b/.test(text) &&
          !/analytics_buckets b\b[^]*b\.bucket = /.test(text),
      ),
  },
  {
    name: 'no INSERT into a distributed table stands in a CTE (0A000)',
    isBrokenBy: (sql) =>
      [...sql.matchAll(/\bas (?:not )?(?:materialized )?\(\s*insert into (\w+)/g)].some(([, table = '']) =>
        DISTRIBUTED.test(table),
      ),
  },
  {
    name: 'a DELETE or UPDATE of a distributed table in a CTE is for one bucket (0A000)',
    isBrokenBy: (sql) =>
      !ROUTED.test(sql) &&
      [...sql.matchAll(/\bas (?:not )?(?:materialized )?\(\s*(?:delete from|update) (\w+)/g)].some(
        ([, table = '']) => DISTRIBUTED.test(table),
      ),
  },
  {
    name: 'an UPDATE or INSERT ... SELECT has no volatile function (0A000)',
    isBrokenBy: (sql) =>
      VOLATILE.test(sql) && (/^update\b/.test(sql) || /\binsert into [^;]*\bselect\b/.test(sql)),
  },
  {
    name: 'RETURNING has no text of a date (non-IMMUTABLE functions are not allowed)',
    isBrokenBy: (sql) => /\breturning\b[^;]*(\bto_char\s*\(|(day|time|_at)::text)/.test(sql),
  },
  {
    name: 'an UPDATE has no time in a CASE or COALESCE (0A000)',
    isBrokenBy: (sql) => /^update\b/.test(sql) && /\b(case|coalesce)\b/.test(sql) && TIME.test(sql),
  },
  {
    name: 'an UPDATE calculates no time from a column (0A000)',
    isBrokenBy: (sql) => /^update\b/.test(sql) && /timestamp\(\)\s*[+-](?!\s*\$)/.test(sql),
  },
  {
    name: 'FOR UPDATE is for one bucket (0A000)',
    isBrokenBy: (sql) => /\bfor (no key )?(update|share)\b/.test(sql) && !ROUTED.test(sql),
  },
  {
    name: 'a sub-query in an expression is for one bucket, or an EXISTS on the same lane (0A000: correlated)',
    isBrokenBy: (sql) =>
      !ROUTED.test(sql) &&
      subqueriesOf(sql).some((text) => DISTRIBUTED.test(text) && !/\bo\.lane = l\.lane\b/.test(text)),
  },
  {
    name: 'tables of the coordinator stand apart (correlated sub-queries and pulled rows)',
    isBrokenBy: (sql) => partsOf(sql).some((part) => DISTRIBUTED.test(part) && LOCAL.test(part)),
  },
  {
    name: 'a UNION is for one bucket (else the rows of each part pass through the coordinator)',
    isBrokenBy: (sql) =>
      !ROUTED.test(sql) && partsOf(sql).some((part) => /\bunion\b/.test(part) && DISTRIBUTED.test(part)),
  },
  {
    name: 'a join of distributed tables names their buckets (0A000)',
    isBrokenBy: (sql) =>
      !ROUTED.test(sql) &&
      /\bjoin analytics_(identities|active_bits|place_actives|daily_actives|event_log)\b/.test(sql) &&
      !/\bbucket = \w+\.bucket\b|\busing \([^)]*\bbucket\b/.test(sql),
  },
  {
    name: 'identities are grouped with their bucket (else those of every bucket are gathered on the coordinator)',
    isBrokenBy: (sql) =>
      !ROUTED.test(sql) &&
      groupsOf(sql).some((columns) => /\bidentity\b/.test(columns) && !/\bbucket\b/.test(columns)),
  },
  {
    name: 'no lateral outer join starts from a list (0A000)',
    isBrokenBy: (sql) =>
      !ROUTED.test(sql) && /\b(unnest|generate_series)\s*\([^]*\bleft join lateral\b/.test(sql),
  },
  {
    name: 'a recursive CTE is for one bucket (0A000)',
    isBrokenBy: (sql) => /\bwith recursive\b/.test(sql) && !ROUTED.test(sql),
  },
];

const ALONE: Rule = {
  name: 'a delegated function is alone in its statement (else the coordinator runs it)',
  isBrokenBy: (sql) => !/^select \* from analytics_(flush|claim)\([\s$\d:,a-z[\]]*\)$/.test(sql),
};

/** Tells whether a statement names a table or a function that the cluster distributes. */
export function touchesDistributedTable(sql: string): boolean {
  return DISTRIBUTED.test(sql) || DELEGATED.test(sql);
}

/** Returns the names of the rules that the statement breaks; none for one that touches no distributed table. */
export function brokenRules(sql: string): string[] {
  const text = sql
    .replaceAll(/--[^\n]*|\/\*[^]*?\*\//g, ' ')
    .replaceAll(/'[^']*'/g, "''")
    .replaceAll(/\s+/g, ' ')
    .replace(/;\s*$/, '')
    .replaceAll('"', '')
    .trim()
    .toLowerCase();
  if (DELEGATED.test(text)) return [ALONE].filter((rule) => rule.isBrokenBy(text)).map(({ name }) => name);
  if (!DISTRIBUTED.test(text)) return [];
  return RULES.filter((rule) => rule.isBrokenBy(text)).map(({ name }) => name);
}

/** Returns the statements of a PL/pgSQL body that touch a distributed table. */
export function statementsOf(body: string): string[] {
  return body
    .replaceAll(/--[^\n]*/g, ' ')
    .split(';')
    .map(
      (text) =>
        /\b(?:INSERT INTO|SELECT|PERFORM|UPDATE|DELETE FROM)\b[^]*/.exec(
          text.replace(/\bLOOP\b[^]*/, ''),
        )?.[0] ?? '',
    )
    .filter((text) => DISTRIBUTED.test(text.replaceAll(/'[^']*'/g, "''")));
}

/** Returns the columns of each GROUP BY and SELECT DISTINCT. */
function groupsOf(sql: string): string[] {
  return [
    ...sql.matchAll(/\bgroup by ([^)]*?)(?= having | order by | limit |\)|$)/g),
    ...sql.matchAll(/\bselect distinct (.*?) from /g),
  ].map(([, columns = '']) => columns);
}

/** Returns the bodies of materialized CTEs, which the cluster plans by themselves, and what is left without them. */
function partsOf(sql: string): string[] {
  const bodies: string[] = [];
  let rest = sql;
  for (;;) {
    const start = / as materialized \(/.exec(rest);
    if (start === null) return [...bodies, rest];
    const from = start.index + start[0].length;
    let end = from;
    for (let depth = 1; depth > 0 && end < rest.length; end++) {
      if (rest[end] === '(') depth++;
      else if (rest[end] === ')') depth--;
    }
    bodies.push(rest.slice(from, end - 1));
    rest = `${rest.slice(0, start.index)} ${rest.slice(end)}`;
  }
}

/** Returns the sub-queries that are part of an expression, not of a FROM clause, up to their closing bracket. */
function subqueriesOf(sql: string): string[] {
  return [...sql.matchAll(/(?:exists|\bin|any|array|,|=|<>|select) ?\(\s*select\b/g)].map(({ index }) => {
    const start = sql.indexOf('(', index);
    let depth = 0;
    for (let end = start; end < sql.length; end++) {
      if (sql[end] === '(') depth++;
      if (sql[end] === ')' && --depth === 0) return sql.slice(start, end + 1);
    }
    return sql.slice(start);
  });
}
