import { z } from 'zod'
import { storeKinds } from '../core/store.ts'

/** One command of wwdb that only reads, as a tool for programs: its arguments become words of the command line. */
export interface CommandTool {
  readonly name: string
  readonly title: string
  readonly description: string
  /** The command whose answer the tool returns. The registry says that it writes nothing; a test verifies that. */
  readonly command: string
  readonly input: z.ZodType<Readonly<Record<string, unknown>>>
  /** The published schema of its answer, in `schemas/`; null for a command that answers with text. */
  readonly answer: string | null
  /** Words that are added to every call: they keep the command from creating anything, even in a scratch schema. */
  readonly always: readonly string[]
}

const name = z.string().min(1).max(200)
const environment = name
  .optional()
  .describe('an environment of the configuration; default: the one that the server was started with')
const databases = z.array(name).max(100).optional().describe('only these logical databases; default: all')
const everyCall = { environment, databases }

/** A strict object: an argument that the tool does not have is an error instead of being ignored. */
function inputOf<Shape extends z.ZodRawShape>(shape: Shape): CommandTool['input'] {
  return z.strictObject({ ...everyCall, ...shape })
}

const accountPurposes = z
  .array(z.enum(['migrate', 'rotate', 'split', 'check', 'seed', 'provision', 'read', 'write']))
  .max(8)
  .optional()
  .describe('what the account is for; default: all purposes but `split`')
const language = z.enum(['en', 'zh']).optional().describe('the language of findings')

export const commandTools: readonly CommandTool[] = [
  {
    name: 'status',
    title: 'State of every database',
    description: 'What is applied, pending, interrupted, or edited afterwards. The same JSON as `wwdb status --json`.',
    command: 'status',
    input: inputOf({ pending: z.boolean().optional().describe('only migrations that are not applied') }),
    answer: 'status-result',
    always: [],
  },
  {
    name: 'plan',
    title: 'What migrate or rollback would do',
    description:
      'The pending statements with their hazards. The server does not try them: nothing is created there. The same JSON as `wwdb plan --no-probe --json`.',
    command: 'plan',
    input: inputOf({
      to: name.optional().describe('stop after this version'),
      steps: z.int().min(1).max(1_000_000).optional().describe('at most this many migrations'),
      direction: z.enum(['up', 'down']).optional().describe('`up` applies, `down` reverts; default: up'),
    }),
    answer: 'plan-result',
    always: ['--no-probe'],
  },
  {
    name: 'lint',
    title: 'Review of migration files',
    description:
      'Review of files that are not applied yet: code, severity, line, why, fix. Needs no server. The same JSON as `wwdb lint --json`.',
    command: 'lint',
    input: inputOf({
      paths: z.array(name).max(1000).optional().describe('files or folders; default: all files that are not applied'),
      since: name.optional().describe('only files that the branch adds or changes since this commit of git'),
      all: z.boolean().optional().describe('include applied files'),
      targetVersion: name.optional().describe('review all files for this version of MySQL, for example 9.7'),
      language,
    }),
    answer: 'lint-result',
    always: [],
  },
  {
    name: 'drift',
    title: 'Changes made by hand',
    description:
      'Differences between the databases and the state after the last run of wwdb, with the SQL that reverts them. The same JSON as `wwdb drift --no-probe --json`.',
    command: 'drift',
    input: inputOf({ only: z.array(name).max(100).optional().describe('only the objects with these names') }),
    answer: 'schema-diff-result',
    always: ['--no-probe'],
  },
  {
    name: 'shards_check',
    title: 'State of the sharded tables',
    description:
      'Shards that are missing now or soon, holes, shards that differ from their family. The same JSON as `wwdb shards check --json`.',
    command: 'shards check',
    input: inputOf({ family: z.array(name).max(100).optional().describe('only these shard families') }),
    answer: 'shard-check-result',
    always: [],
  },
  {
    name: 'schema',
    title: 'The definitions of every database',
    description:
      'Tables, views, routines, triggers and events in a normal form, as a JSON document or as text. The same as `wwdb schema dump`.',
    command: 'schema dump',
    input: inputOf({
      as: z.enum(['json', 'sql', 'mermaid', 'dbml']).optional().describe('the form; default: sql'),
    }),
    answer: null,
    always: [],
  },
  {
    name: 'history',
    title: 'What ran, when and by whom',
    description: 'The journal of every database, newest first. The same JSON as `wwdb history --json`.',
    command: 'history',
    input: inputOf({ limit: z.int().min(1).max(10_000).optional().describe('at most this many entries per database') }),
    answer: 'history-result',
    always: [],
  },
  {
    name: 'doctor',
    title: 'Problems with files, servers and stores',
    description:
      'Findings from checking everything that a run depends on: code, severity, what, why, fix. The same JSON as `wwdb doctor --json`.',
    command: 'doctor',
    input: inputOf({ language }),
    answer: 'doctor-result',
    always: [],
  },
  {
    name: 'setup_verify',
    title: 'State of the stores besides MySQL',
    description:
      'What in Redis, MongoDB, InfluxDB and Elasticsearch differs from its declaration, and whether they are healthy. Nothing is written there. The same JSON as `wwdb setup verify --read-only --json`.',
    command: 'setup verify',
    input: inputOf({ only: z.array(z.enum(storeKinds)).max(4).optional().describe('only these stores; default: all') }),
    answer: 'store-verification-result',
    always: ['--read-only'],
  },
  {
    name: 'check_references',
    title: 'Rows without a parent',
    description:
      'Foreign keys between databases, and the rows whose key has no parent. Counts rows, which takes long on large tables. The same JSON as `wwdb check references --json`.',
    command: 'check references',
    input: inputOf({
      all: z.boolean().optional().describe('foreign keys within a database, too'),
      limit: z.int().min(1).max(1000).optional().describe('at most this many missing keys for each foreign key'),
    }),
    answer: 'orphans-result',
    always: [],
  },
  {
    name: 'grants',
    title: 'What an account needs',
    description:
      'The minimum privileges of an account for each purpose, as SQL. No account is created. The same JSON as `wwdb grants --json`.',
    command: 'grants',
    input: inputOf({
      for: accountPurposes,
      user: name.optional().describe('NAME or NAME@HOST; default: wwdb_PURPOSE@%'),
    }),
    answer: 'grants-result',
    always: [],
  },
  {
    name: 'grants_check',
    title: 'What an account lacks',
    description:
      'The GRANT of each privilege that an account lacks for its purposes, and the REVOKE of each that it does not need. The same JSON as `wwdb grants check --json`.',
    command: 'grants check',
    input: inputOf({ account: name.describe('NAME or NAME@HOST; without a host NAME@%'), for: accountPurposes }),
    answer: 'grants-check-result',
    always: [],
  },
]

/**
 * The words of the command line for a call. A value becomes `--flag=value`, so that none can be taken for a flag; arguments follow `--`.
 * @param given checked by the tool's `input`
 */
export function wordsOf(tool: CommandTool, given: Readonly<Record<string, unknown>>): readonly string[] {
  const { environment: of, databases: targets, paths, account, ...flags } = given
  const last = [...textsOf(account), ...textsOf(paths)]
  return [
    ...tool.command.split(' '),
    ...tool.always,
    ...textsOf(of).map((value) => `--env=${value}`),
    ...textsOf(targets).map((value) => `--target=${value}`),
    ...Object.entries(flags).flatMap(([key, value]) => flagWords(key, value)),
    ...(last.length === 0 ? [] : ['--', ...last]),
  ]
}

function flagWords(key: string, value: unknown): readonly string[] {
  const flag = `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  if (typeof value === 'boolean') return value ? [flag] : []
  return textsOf(value).map((text) => `${flag}=${text}`)
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value.map(String) : [String(value)]
}
