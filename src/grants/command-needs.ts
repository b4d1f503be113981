// The one source of what wwdb's commands need: docs/reference/configuration.md has the same table, and `wwdb grants` is computed from it.

/** What a command itself needs, without the needs of the statements in its files. */
interface CommandNeeds {
  /** The command as typed, with the tested case in parentheses. */
  readonly command: string
  /** On the schema of the database. */
  readonly own: readonly string[]
  /**
   * What the files of the documentation's example also need: they create a table, fill it, add an index by ALTER TABLE, and drop the table
   * again.
   */
  readonly example?: readonly string[]
  /**
   * On `wwdb_scratch_%`: `try` asks the server how it would carry out an ALTER and tries shard templates, `shape` creates a table from a template and reads it, `replay` applies the files and reads what they
   * created.
   */
  readonly scratch: false | 'try' | 'shape' | 'replay'
  /** True where the guard looks for who holds a table, or the plan for statements that name it. */
  readonly looks?: true
}

/** What the guard and the search for live statements read: on the whole server, and on `performance_schema`. Without them both say that they did not look. */
export const lookPrivileges = { server: ['PROCESS'], performanceSchema: ['SELECT'] } as const

/** DELETE removes rows that a killed run left open, and rows of runs that are older than `audit.keep`; CREATE creates the journal tables, and later those of its next format. */
const journal = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE'] as const

const splitting = [...journal, 'ALTER', 'DROP', 'TRIGGER'] as const

/** What scratch schemas need: DROP cleans up, INDEX is for CREATE INDEX, REFERENCES for foreign keys, INSERT for renames. */
export const scratchPrivileges = ['CREATE', 'ALTER', 'INDEX', 'REFERENCES', 'INSERT', 'DROP'] as const

/**
 * What is needed to read the table that a template creates: the server shows columns only to an account that may select
 * them.
 */
export const shapePrivileges = ['SELECT', 'CREATE', 'DROP'] as const

/** The same where files are applied in the scratch schema, with a journal, and the result is read. */
export const replayPrivileges = ['SELECT', 'UPDATE', 'DELETE', ...scratchPrivileges] as const

/** In the order of the table in the documentation. */
export const commandNeeds: readonly CommandNeeds[] = [
  { command: 'db ping', own: [], scratch: false },
  // The run is recorded in the schema that it created.
  { command: 'db create', own: ['SELECT', 'INSERT', 'UPDATE', 'CREATE'], scratch: false },
  { command: 'db drop', own: ['DROP'], scratch: false },
  { command: 'status', own: ['SELECT'], scratch: false },
  { command: 'plan --no-probe', own: ['SELECT'], scratch: false, looks: true },
  { command: 'plan', own: ['SELECT'], scratch: 'try', looks: true },
  { command: 'migrate --no-probe', own: journal, example: ['ALTER'], scratch: false, looks: true },
  { command: 'migrate', own: journal, example: ['ALTER'], scratch: 'try', looks: true },
  { command: 'migrate (shards)', own: journal, example: ['ALTER'], scratch: 'try', looks: true },
  {
    command: 'rollback',
    own: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
    example: ['DROP'],
    scratch: false,
    looks: true,
  },
  // The journal has its tables by then.
  { command: 'undo', own: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'], scratch: false },
  { command: 'retire list', own: ['SELECT'], scratch: false, looks: true },
  // For an index: what hides and drops a table needs ALTER, DROP, CREATE and INSERT.
  { command: 'retire run', own: journal, example: ['ALTER'], scratch: false, looks: true },
  { command: 'retire undo', own: journal, example: ['ALTER'], scratch: false, looks: true },
  { command: 'baseline', own: journal, scratch: 'replay' },
  { command: 'seed', own: [...journal, 'CREATE TEMPORARY TABLES'], scratch: false },
  { command: 'rotate run', own: journal, scratch: 'shape', looks: true },
  // A shard is made as rotation makes it; the table, its shards and its view are renamed, and TRUNCATE empties a shard. What the triggers write is written with the rights of the account.
  { command: 'shards split', own: splitting, scratch: 'shape', looks: true },
  { command: 'shards split --view', own: [...splitting, 'CREATE VIEW'], scratch: 'shape', looks: true },
  { command: 'shards split --undo', own: splitting, scratch: false, looks: true },
  { command: 'shards split --final', own: journal, scratch: false, looks: true },
  { command: 'shards check', own: ['SELECT'], scratch: false },
]

/** The combined needs of the named commands on the schema of a database. */
export function needsOf(...names: readonly string[]): readonly string[] {
  const found = commandNeeds.filter(({ command }) => names.includes(command))
  if (found.length !== names.length) throw new Error(`the table of needs lacks one of ${names.join(', ')}`)
  return [...new Set(found.flatMap(({ own }) => own))]
}
