import type { Result } from '../domain/result.ts'
import type { Fault } from '../domain/tool-error.ts'

/** What a step of `wwdb up` did, in a few words; its own answer says more. */
export function summarise(result: Result): string {
  switch (result.kind) {
    case 'databases': {
      const made = result.databases.filter(({ state }) => state === 'created').length
      return made === 0 ? `${result.databases.length} schemas are there` : `${made} schemas created`
    }
    case 'run':
      return counted(
        result.outcomes.flatMap(({ done }) => done).length,
        'migrations applied',
        'no migration is pending',
      )
    case 'rotation': {
      const made = result.families.flatMap(({ created }) => created).length
      const retired = result.families.flatMap(({ sealed, held, archived, dropped }) =>
        [sealed, held, archived, dropped].flat(),
      )
      const rest = retired.length > 0 ? `, ${retired.length} steps of retirement` : ''
      return `${counted(made, 'shards made', 'every shard is there')}${rest}`
    }
    case 'seed': {
      const written: ReadonlySet<string> = new Set(['insert', 'update', 'delete'])
      const rows = result.outcomes.flatMap((one) => one.rows).filter(({ action }) => written.has(action)).length
      return counted(rows, 'rows seeded', 'every row is as its file says')
    }
    case 'store-run': {
      const made = result.stores.flatMap(({ done }) => done).length
      const stores = result.stores.map(({ store }) => store).join(', ')
      return `${counted(made, 'changes made', 'all as declared')}: ${stores}`
    }
    default:
      return ''
  }
}

/** True where nothing needed doing. */
export function isIdle(result: Result): boolean {
  switch (result.kind) {
    case 'databases':
      return result.databases.every(({ state }) => state !== 'created')
    case 'run':
    case 'seed':
      return result.outcomes.every(({ state }) => state === 'nothing-to-do')
    case 'rotation':
      return result.families.every(({ state }) => state === 'nothing-to-do')
    case 'store-run':
      return result.stores.every(({ state }) => state === 'nothing-to-do')
    default:
      return false
  }
}

/** What went wrong, each fault once. */
export function faultsOf(result: Result): readonly Fault[] {
  const faults = partsOf(result).flatMap(({ fault }) => fault ?? [])
  const texts = faults.map((fault) => JSON.stringify(fault))
  return faults.filter((_, index) => texts.indexOf(texts[index] ?? '') === index)
}

function partsOf(result: Result): readonly { readonly fault: Fault | null }[] {
  switch (result.kind) {
    case 'run':
    case 'seed':
      return result.outcomes
    case 'rotation':
      return result.families
    case 'store-run':
      return result.stores
    default:
      return []
  }
}

function counted(number: number, what: string, none: string): string {
  return number === 0 ? none : `${number} ${what}`
}
