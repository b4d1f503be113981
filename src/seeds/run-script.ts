import { ToolError } from '../core/tool-error.ts'
import { findPlaceInCode } from '../migrations/execute/failures.ts'
import { withTermination } from '../migrations/execute/termination.ts'
import { resolveText, type Schemas } from '../migrations/plan/placeholders.ts'
import type { Session, StopRequest } from '../migrations/ports.ts'
import type { Statement } from '../sql/statement.ts'
import { summarizeStatement } from '../sql/statement-summary.ts'
import { attemptWrite, type Writing } from './refusal.ts'
import type { SeedScript } from './seed.ts'

interface ScriptWriting extends Writing {
  readonly stop: StopRequest
}

/** Runs a seed that is a program, inside the transaction of the run; leaves it uncommitted. */
export async function runScript(
  writing: ScriptWriting,
  script: SeedScript,
  schemas: Schemas,
  goOn: () => void,
): Promise<void> {
  if (script.body.type === 'module') return runModule(writing, script, script.body)
  for (const statement of script.body.statements) {
    goOn()
    await runStatement(writing, statement, schemas)
  }
  await forgetSession(writing.session, script.body.statements)
}

async function runStatement(writing: Writing, statement: Statement, schemas: Schemas): Promise<void> {
  const { file, line, column, text } = statement
  const about = {
    what: `A seed's statement failed: ${summarizeStatement(statement)}`,
    where: { file, line, column, statement: text.slice(0, 200) },
  }
  await attemptWrite(writing, about, () => writing.session.run(resolveText(text, schemas)))
}

/** The time limit is that of the whole function: what it sends, and when, is its own business. */
async function runModule(
  writing: ScriptWriting,
  { file }: SeedScript,
  { path, run }: SeedScript['body'] & { readonly type: 'module' },
): Promise<void> {
  const { session, stop } = writing
  const { database, server } = session.target
  const about = { what: "A seed's function failed.", where: { file } }
  try {
    await withTermination(stop, (soon) => attemptWrite(writing, about, () => session.runModule(run, soon)))
  } catch (error) {
    // The server's error became a sentence; where it was thrown stands in what caused that.
    const place = findPlaceInCode(path, error) ?? findPlaceInCode(path, error instanceof Error ? error.cause : null)
    const where = { file, database, server, ...place }
    if (error instanceof ToolError) {
      const faults = error.faults.map((fault) => ({ ...fault, where: { ...where, ...fault.where } }))
      throw new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
    }
    const why = error instanceof Error ? error.message : String(error)
    const fault = { ...about, where, why, next: 'Nothing was kept. Correct it and run again.' }
    throw new ToolError('SEED_FAILED', fault, { cause: error })
  }
}

/** What one script set in the session is not there for the next; the transaction goes on. */
async function forgetSession(session: Session, statements: readonly Statement[]): Promise<void> {
  const userVariables = [...new Set(statements.flatMap((statement) => statement.userVariables))]
  const sessionVariables = [...new Set(statements.flatMap((statement) => statement.sessionVariables))]
  if (userVariables.length + sessionVariables.length === 0) return
  await session.restoreSession({ sessionVariables, userVariables, prepared: [], temporaryTables: [] })
}
