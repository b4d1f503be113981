import type { Context } from '../command/context.ts'
import { ToolError } from '../core/tool-error.ts'
import type { SchemaDiff } from './diff.ts'

type HandWork = Pick<SchemaDiff, 'database' | 'byHand' | 'byHandBack'>

/** Throws ToolError `DRIFT` where vtgate has no statement for a part of an answer to drift: what is left would look as if it were all. */
export function refuseByHand(diffs: readonly HandWork[], answer: 'revert' | 'accept'): void {
  const faults = diffs.flatMap(({ database, byHand = [], byHandBack = [] }) =>
    [...new Set([...byHand, ...(answer === 'accept' ? byHandBack : [])])].map((sentence) => ({
      what: `A change of the VSchema of \`${database}\` cannot be ${answer === 'revert' ? 'taken back' : 'written'} by statements.`,
      where: { database },
      why: sentence,
      next:
        answer === 'revert'
          ? 'Or name the other objects: `wwdb drift --revert --only NAME`.'
          : `\`wwdb repair --rebuild-record --target ${database}\` records everything as it is now, without a migration.`,
    })),
  )
  if (faults.length > 0) throw new ToolError('DRIFT', faults)
}

/** Beside statements that do not do all of it. */
export function warnOfHandWork({ emit }: Pick<Context, 'emit'>, diffs: readonly HandWork[]): void {
  for (const { byHand = [] } of diffs) for (const message of byHand) emit({ type: 'warning', message, target: null })
}
