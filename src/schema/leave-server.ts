import type { Migration, Script } from '../migrations/migration.ts'
import type { DatabaseState } from '../migrations/plan/database-state.ts'
import type { OpenTarget } from '../migrations/targets.ts'
import { toStatement } from '../sql/classify.ts'
import { findLasting } from '../sql/lasting-effects.ts'
import type { Statement } from '../sql/statement.ts'
import { isVschemaVerb } from '../sql/statements/vschema.ts'
import { tokenize } from '../sql/tokens.ts'

/**
 * A target whose migrations leave the server itself alone, as no scratch schema keeps accounts and global variables from being changed once more, to what they were when a
 * file was written. The result of the files is the same: neither is compared.
 */
export function leaveServerAlone(target: OpenTarget): OpenTarget {
  const known = new Map<Migration, Migration>()
  const leave = (migration: Migration): Migration => {
    const made = known.get(migration) ?? { ...migration, up: leaveOut(migration.up) }
    known.set(migration, made)
    return made
  }
  const leaveAll = <T extends Pick<DatabaseState, 'all' | 'migrations'>>(one: T): T => ({
    ...one,
    all: one.all.map(leave),
    migrations: one.migrations.map(leave),
  })
  const { resolve } = target
  return { ...leaveAll(target), ...(resolve !== undefined && { resolve: (state) => leaveAll(resolve(state)) }) }
}

function leaveOut(script: Script): Script {
  switch (script.type) {
    case 'statements':
      return { ...script, statements: script.statements.map(toNothing) }
    case 'stream':
      return { ...script, sample: script.sample.map(toNothing), open: () => leaveOutEach(script.open()) }
    case 'module':
      return script
  }
}

async function* leaveOutEach(statements: AsyncIterable<Statement>): AsyncGenerator<Statement> {
  for await (const statement of statements) yield toNothing(statement)
}

/** What else than schemas a statement creates, changes or removes. */
const ofServer =
  /^(?:(?:CREATE|ALTER|DROP) (?:SERVER|TABLESPACE|UNDO TABLESPACE|RESOURCE GROUP|LOGFILE GROUP)|INSTALL|UNINSTALL)\b/

const none: ReadonlySet<string> = new Set()

/** Its place among the others stays. */
function toNothing(statement: Statement): Statement {
  const { class: kind, verb, text, file, line, column, index } = statement
  const isOfServer =
    kind === 'account' ||
    isVschemaVerb(verb) ||
    ofServer.test(verb) ||
    (verb === 'SET' && findLasting(tokenize(text), none) !== null)
  if (!isOfServer) return statement
  return toStatement({ type: 'statement', text: 'DO 0', source: 'DO 0', file, line, column }, index)
}
