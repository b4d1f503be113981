import type { Fault } from '../../core/tool-error.ts'
import type { KeyspaceShape } from '../../sql/keyspace/refusal.ts'
import { fileRefusals, type RefusedFile } from '../../sql/keyspace/refuse-file.ts'
import { refuseStatement } from '../../sql/keyspace/refuse-statement.ts'
import type { Step } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'

/** What a plan cannot run on a keyspace, each as a sentence before anything runs. Pure. */
export function findVitessFaults(steps: readonly Step[], shape: KeyspaceShape): readonly Fault[] {
  return steps.flatMap((step) => faultsOf(step, shape))
}

function faultsOf(step: Step, shape: KeyspaceShape): readonly Fault[] {
  const { migration } = step
  const { file, database } = migration
  const whole = (refused: RefusedFile): readonly Fault[] => {
    const { is, why, next } = fileRefusals[refused]
    return [{ what: `\`${file}\` ${is.en}.`, where: { file, database }, why: why.en, next: next.en }]
  }
  if (migration.shards !== undefined) return whole('family')
  const script = scriptOf(step)
  if (script === null) return []
  if (script.type === 'module') return whole('code')
  if (script.type === 'stream') return whole('large')
  return script.statements.flatMap((statement): readonly Fault[] => {
    const refusal = step.from > statement.index ? null : refuseStatement(statement, shape)
    if (refusal === null) return []
    const { line, column, verb, index } = statement
    const what = `Statement ${index + 1} of \`${file}\` (${verb}) does not run through vtgate.`
    return [{ what, where: { file, line, column, database }, why: refusal.why.en, next: refusal.next.en }]
  })
}
