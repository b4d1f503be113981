import type { Fault } from '../../core/tool-error.ts'
import type { Statement } from '../../sql/statement.ts'
import { isVschemaVerb } from '../../sql/statements/vschema.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { Step } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import { findForeignName, usesSession } from './foreign-names.ts'

/** A keyspace, as far as it decides what may run there. */
export interface KeyspaceShape {
  readonly keyspace: string
  readonly isSharded: boolean
  /** Puts the names of schemas in place of `{{schema:DATABASE}}`. */
  readonly resolve: (text: string) => string
}

interface Refusal {
  readonly why: string
  readonly next: string
}

const elsewhere = 'Do it in the application, or run it on each shard with `vtctldclient ExecuteFetchAsDBA`.'

/** What vtgate does not parse, or sends to the wrong place. */
const codeVerbs = /^(?:CREATE|ALTER|DROP) (?:PROCEDURE|FUNCTION|TRIGGER|EVENT)\b/

const outOfReach: Readonly<Partial<Record<Statement['class'], Refusal>>> = {
  call: {
    why: 'vtgate calls a procedure on one shard alone, and wwdb could not tell whether it committed.',
    next: elsewhere,
  },
  execute: { why: 'What a prepared statement runs is known only when it runs.', next: 'Write the statement itself.' },
  account: {
    why: 'vtgate has users of its own, in a file or a directory service; accounts of the MySQL servers are not its own.',
    next: 'Manage users where vtgate reads them.',
  },
  session: {
    why: 'vtgate has many connections behind one session: what a statement sets or prepares may not be there for the next one, and a resumed run could not restore it.',
    next: 'Write the value into the statement that uses it; `session` of the configuration sets the time zone and the SQL mode.',
  },
  maintenance: { why: 'vtgate sends it to one shard, or refuses it.', next: elsewhere },
}

/** What Vitess refuses, or what would take the tables of a keyspace away from their shard. */
function refuseVschema({ verb }: Statement, { isSharded }: KeyspaceShape): Refusal | null {
  if (isSharded && /^ALTER VSCHEMA (?:ADD|DROP) (?:TABLE|SEQUENCE)$/.test(verb))
    return {
      why: `Vitess does not run ${verb} in a sharded keyspace: its tables are there by their vindexes, and sequences are kept in a keyspace that is not sharded.`,
      next: verb.endsWith('TABLE')
        ? 'Write `ALTER VSCHEMA ON table ADD VINDEX ...`, or `DROP VINDEX` of its last vindex.'
        : 'Write it as a migration of a database whose keyspace is not sharded.',
    }
  if (!isSharded && /^ALTER VSCHEMA (?:CREATE|ADD) VINDEX$/.test(verb))
    return {
      why: 'The first vindex makes a keyspace sharded for vtgate, which then finds none of the tables that have no vindex, such as the journal.',
      next: 'Change the VSchema of such a keyspace as a whole, with `vtctldclient ApplyVSchema`.',
    }
  return null
}

/** Why a statement is not given to vtgate; null where it is. */
function refuseStatement(statement: Statement, shape: KeyspaceShape): Refusal | null {
  const { verb } = statement
  if (codeVerbs.test(verb))
    return {
      why: `vtgate does not run ${verb}: ${shape.isSharded ? 'a sharded keyspace has no procedures, functions, triggers and events' : 'it does not parse it, or runs it on one tablet alone'}.`,
      next: elsewhere,
    }
  if (verb.includes('TEMPORARY'))
    return {
      why: 'vtgate keeps a temporary table on one connection to one tablet, and a resumed run could not make it again.',
      next: 'Use a plain table and drop it at the end.',
    }
  if (/^(?:TRUNCATE|RENAME)\b/.test(verb))
    return {
      why: `Vitess does not run ${verb} as a migration, so a run that was paused and comes back could repeat it on tables that another run has filled.`,
      next: verb.startsWith('TRUNCATE')
        ? 'DELETE the rows, or drop the table and create it again.'
        : 'Create a table of the new name and copy the rows in the application, or rename it by hand while no run has the lease.',
    }
  if (isVschemaVerb(verb)) {
    const refused = refuseVschema(statement, shape)
    if (refused !== null) return refused
  }
  const own = outOfReach[statement.class]
  if (own !== undefined) return own
  if (/\b(?:CREATE|ALTER|DROP) (?:DATABASE|SCHEMA)\b/.test(verb))
    return { why: 'A keyspace is made and removed with its shards and its topology.', next: 'Use `vtctldclient`.' }
  return refuseMark(statement) ?? refuseText(statement, shape) ?? refuseKey(statement)
}

/** vtgate refuses it in either strategy. */
function refuseKey({ references }: Statement): Refusal | null {
  if (references.length === 0) return null
  return {
    why: 'Vitess takes no foreign key in a definition that it runs as a migration, online or as plain DDL.',
    next: 'Leave the foreign key out, in a file of its own with `-- wwdb:when platform=mysql` where MySQL is to have it.',
  }
}

/** A schema as an object names it; empty where it names none. */
const resolveName = (schema: string | null, resolve: KeyspaceShape['resolve']): string =>
  schema?.includes('{{') === true ? (tokenize(resolve(schema))[0]?.text ?? schema) : (schema ?? '')

/** What its text names that a keyspace does not have, or must not be given. */
function refuseText(statement: Statement, { keyspace, resolve }: KeyspaceShape): Refusal | null {
  const tokens = tokenize(resolve(statement.text))
  if (statement.userVariables.length > 0 || usesSession(tokens))
    return {
      why: 'It uses what a session keeps between statements, which vtgate does not keep after a lost connection.',
      next: 'Write the value itself, or a subquery that finds it.',
    }
  const named = [...statement.references, ...statement.objects].map(({ schema, name }) => ({
    qualifier: resolveName(schema, resolve),
    name,
  }))
  const other =
    named.find(({ qualifier }) => qualifier !== '' && qualifier !== keyspace) ??
    // A sequence, or the table of a lookup vindex, is in another keyspace by its nature.
    (isVschemaVerb(statement.verb) ? null : findForeignName(tokens, keyspace))
  if (other === null) return null
  const isReference = statement.references.some(({ schema, name }) => schema !== null && name === other.name)
  return {
    why: `It names \`${other.qualifier}\`.\`${other.name}\`, which is not in the keyspace \`${keyspace}\`${isReference ? ': a foreign key cannot cross keyspaces' : ': a migration changes and reads its own keyspace alone'}.`,
    next: isReference
      ? 'Leave the foreign key out: `references` of the configuration can be `logical`.'
      : 'Write it as a migration of that database, or do it in the application. Write AS before an alias.',
  }
}

function refuseMark({ batch, online, retire }: Statement): Refusal | null {
  const mark = batch !== undefined ? 'batch' : online !== undefined ? 'online' : retire !== undefined ? 'retire' : null
  if (mark === null) return null
  const instead =
    mark === 'online'
      ? 'Vitess makes the change online itself where `ddlStrategy` is `vitess`.'
      : 'vtgate has nothing that wwdb could walk by key and hold meanwhile.'
  return { why: `\`-- wwdb:${mark}\` does not work through vtgate. ${instead}`, next: 'Remove the line.' }
}

/** What a plan cannot run on a keyspace, each as a sentence before anything runs. Pure. */
export function findVitessFaults(steps: readonly Step[], shape: KeyspaceShape): readonly Fault[] {
  return steps.flatMap((step) => faultsOf(step, shape))
}

function faultsOf(step: Step, shape: KeyspaceShape): readonly Fault[] {
  const { migration } = step
  const { file, database } = migration
  const whole = (what: string, why: string, next: string): readonly Fault[] => [
    { what, where: { file, database }, why, next },
  ]
  if (migration.shards !== undefined)
    return whole(
      `\`${file}\` runs on the shards of a family.`,
      'Through vtgate a family of tables is changed table by table, and its ledger is not kept.',
      'Write the statements for each table, or let a vindex replace the family.',
    )
  const script = scriptOf(step)
  if (script === null) return []
  if (script.type === 'module')
    return whole(
      `\`${file}\` is code.`,
      'Its statements would commit shard by shard, and a killed run could not tell.',
      'Write it as SQL.',
    )
  if (script.type === 'stream')
    return whole(
      `\`${file}\` is too large to be read whole.`,
      'What vtgate does not run is found before the first statement, which needs all of them.',
      'Divide it into smaller files.',
    )
  return script.statements.flatMap((statement): readonly Fault[] => {
    const refusal = step.from > statement.index ? null : refuseStatement(statement, shape)
    if (refusal === null) return []
    const { line, column, verb, index } = statement
    const what = `Statement ${index + 1} of \`${file}\` (${verb}) does not run through vtgate.`
    return [{ what, where: { file, line, column, database }, ...refusal }]
  })
}
