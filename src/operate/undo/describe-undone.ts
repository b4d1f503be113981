import type { RunEvent } from '../../command/event.ts'
import { countOf } from '../../core/plural.ts'

/** `Undo of 0002, statement 1, in app: 997 rows of a put back, 3 left as they are.` */
export function describeUndone(event: Extract<RunEvent, { readonly type: 'batch-undone' }>): string {
  const { target, migration, statement, table, how, rows, left } = event
  const rest =
    left === null ? ', and was ended before the rest' : left === 0 ? '' : `, ${countOf(left, 'row')} left as they are`
  return `Undo of ${migration}, statement ${statement}, in \`${target.database}\`: ${countOf(rows, 'row')} of \`${table}\` ${how}${rest}.`
}
