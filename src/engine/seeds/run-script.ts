import type { SeedScript } from '../../domain/seeds/seed.ts'
import type { Statement } from '../../domain/statement.ts'
import { summarizeStatement } from '../../domain/statement-summary.ts'
import { ToolError } from '../../domain/tool-error.ts'
import { resolveText, type Schemas } from '../placeholders.ts'
import type { Session } from '../ports.ts'
import { toError } from './refusal.ts'

/** Runs a seed that is a program, inside the transaction of the run; leaves it uncommitted. */
export async function runScript(
  session: Session,
  script: SeedScript,
  schemas: Schemas,
  goOn: () => void,
): Promise<void> {
  if (script.body.type === 'module') return runModule(session, script, script.body.load)
  for (const statement of script.body.statements) {
    goOn()
    await runStatement(session, statement, schemas)
  }
  await forgetSession(session, script.body.statements)
}

async function runStatement(session: Session, statement: Statement, schemas: Schemas): Promise<void> {
  try {
    await session.run(resolveText(statement.text, schemas))
  } catch (error) {
    const failure = session.explain(error)
    if (failure === null) throw error
    const { file, line, column, text } = statement
    const where = { file, line, column, statement: text.slice(0, 200) }
    throw toError(
      session,
      failure,
      { what: `A seed's statement failed: ${summarizeStatement(statement)}`, where },
      error,
    )
  }
}

async function runModule(
  session: Session,
  { file }: SeedScript,
  load: () => Promise<(knex: unknown) => Promise<unknown>>,
): Promise<void> {
  const seed = await load()
  try {
    await session.runModule(seed)
  } catch (error) {
    if (error instanceof ToolError) throw error
    const failure = session.explain(error)
    const about = { what: "A seed's function failed.", where: { file } }
    if (failure !== null) throw toError(session, failure, about, error)
    const why = error instanceof Error ? error.message : String(error)
    throw new ToolError(
      'SEED_FAILED',
      { ...about, why, next: 'Nothing was kept. Correct it and run again.' },
      { cause: error },
    )
  }
}

/** What one script set in the session is not there for the next; the transaction goes on. */
async function forgetSession(session: Session, statements: readonly Statement[]): Promise<void> {
  const userVariables = [...new Set(statements.flatMap((statement) => statement.userVariables))]
  const sessionVariables = [...new Set(statements.flatMap((statement) => statement.sessionVariables))]
  if (userVariables.length + sessionVariables.length === 0) return
  await session.restoreSession({ sessionVariables, userVariables, prepared: [], temporaryTables: [] })
}
