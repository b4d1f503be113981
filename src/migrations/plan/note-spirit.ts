import type { Config } from '../../config/config.ts'
import { type Statement, summarizeStatement } from '../../sql/statement.ts'
import type { Plan } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'

/** Notes each online change that is left to spirit: it ends sessions of others, which no setting of wwdb keeps it from. Pure. */
export function noteSpirit(plan: Plan, { online }: Pick<Config, 'online'>): Plan {
  const isBySpirit = (statement: Statement): boolean =>
    statement.online !== undefined &&
    statement.online.back === undefined &&
    (statement.online.tool ?? online.tool) === 'spirit'
  const targets = plan.targets.map((target) => {
    const notes = target.steps.flatMap((step) => {
      const script = scriptOf(step)
      const statements = script?.type === 'statements' ? script.statements : []
      return statements
        .filter(({ index }) => index >= step.from)
        .flatMap((one) => (isBySpirit(one) ? [describe(one)] : []))
    })
    return notes.length === 0 ? target : { ...target, notes: [...target.notes, ...notes] }
  })
  return { ...plan, targets }
}

function describe(statement: Statement): string {
  const place = `${summarizeStatement(statement)} (${statement.file}:${statement.line})`
  return `${place} is left to spirit where the server cannot make it by itself: spirit ends transactions of others that hold the table for 4.5 seconds, whatever their account.`
}
