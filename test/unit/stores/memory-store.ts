import { asSaid } from '../../../src/core/in-both.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { PreparedStore } from '../../../src/stores/contract.ts'
import type { RemovedDeclarations } from '../../../src/stores/declare-removed.ts'
import { inEnglish, type SaidFinding } from '../../../src/stores/find-drift.ts'
import { toProof } from '../../../src/stores/outcome.ts'
import type { ComparedPlan, StoreChange, StoreLoss } from '../../../src/stores/store-plan.ts'

/** A store of names with values, kept in a map. */
export interface MemoryStore extends PreparedStore {
  readonly values: Map<string, string>
  readonly written: string[]
  readonly closed: () => boolean
  /** What happened to the lock, in order. */
  readonly locking: string[]
}

interface Behaviour {
  readonly store?: PreparedStore['store']
  readonly values?: Readonly<Record<string, string>>
  /** Makes changing a name a loss. */
  readonly losses?: Readonly<Record<string, StoreLoss>>
  /** Names that take a write and keep what they had. */
  readonly stubborn?: readonly string[]
  /** Names whose write fails. */
  readonly refused?: readonly string[]
  readonly unreachable?: boolean
  /** What comparing it finds beside its changes. */
  readonly findings?: readonly SaidFinding[]
  /** Who holds the lock all the time. */
  readonly held?: string
  /** Who holds it until it is taken. */
  readonly heldBefore?: string
  /** Why it cannot be planned without its lock. */
  readonly unplannable?: ToolError
  /** Why it cannot be planned at the first time. */
  readonly unplannableOnce?: ToolError
  /** Has no place for a lock before its first change. */
  readonly placeless?: boolean
  /** What another run did before this one got the lock. */
  readonly whenLocked?: (values: Map<string, string>) => void
  /** What is there without need after the first write. */
  readonly setsFree?: string
  /** Why nothing can be compared, while the store itself is sound. */
  readonly incomparable?: ToolError
}

export function memoryStore(declared: Readonly<Record<string, string>>, behaviour: Behaviour = {}): MemoryStore {
  const { store = 'redis', losses = {}, stubborn = [], refused = [] } = behaviour
  const values = new Map(Object.entries(behaviour.values ?? {}))
  const written: string[] = []
  const locking: string[] = []
  const unlock = async (): Promise<void> => {
    if (locking.at(-1) === 'locked') locking.push('unlocked')
  }
  let [closed, plans] = [false, 0]
  const server = `${store}.test:1`
  const changeOf = ([name, value]: readonly [string, string], number: number): StoreChange => ({
    number,
    resource: { kind: 'value', name },
    action: values.has(name) ? 'update' : 'create',
    summary: `set ${name} to ${value}`,
    differences: [{ path: '', actual: values.get(name) ?? null, declared: value }],
    loss: values.has(name) ? (losses[name] ?? null) : null,
  })
  const freed = (): readonly StoreChange[] =>
    behaviour.setsFree === undefined || written.length === 0
      ? []
      : [
          {
            number: 1,
            resource: { kind: 'value', name: behaviour.setsFree },
            action: 'remove',
            summary: `remove ${behaviour.setsFree}`,
            differences: [],
            loss: { code: 'removed-resource', why: '', affected: [] },
          },
        ]
  const compare = async (): Promise<ComparedPlan> => {
    const different = Object.entries(declared).filter(([name, value]) => values.get(name) !== value)
    const same = Object.keys(declared).filter((name) => !different.some(([other]) => other === name))
    const unchanged = same.map((name) => ({ kind: 'value', name }))
    return {
      store,
      server,
      version: '1.0',
      changes: [...different.map(changeOf), ...freed()],
      unchanged,
      notes: [],
      findings: behaviour.findings ?? [],
    }
  }
  const open = async () => {
    if (behaviour.unreachable === true) throw new ToolError('STORE_UNREACHABLE', { what: 'gone' }, { exitCode: 69 })
    return {
      store,
      server,
      plan: async () => {
        plans += 1
        if (behaviour.unplannableOnce !== undefined && plans === 1) throw behaviour.unplannableOnce
        if (behaviour.unplannable !== undefined && locking.length === 0) throw behaviour.unplannable
        const plan = await compare()
        return { ...plan, findings: plan.findings.map(inEnglish) }
      },
      compare: async () => {
        if (behaviour.incomparable !== undefined) throw behaviour.incomparable
        return compare()
      },
      lock: async () => {
        if (behaviour.held !== undefined) throw new ToolError('LOCK_HELD', { what: `${behaviour.held} holds the lock` })
        if (behaviour.placeless === true && written.length === 0) return false
        if (locking.at(-1) !== 'locked') locking.push('locked')
        behaviour.whenLocked?.(values)
        return true
      },
      unlock,
      readLock: async () => {
        const holder = behaviour.held ?? behaviour.heldBefore
        return holder === undefined ? null : { holder, heldFor: 1000, left: 1000 }
      },
      apply: async ({ resource: { name } }: StoreChange) => {
        if (refused.includes(name)) throw new ToolError('STORE_REFUSED', { what: `${name} is refused` })
        written.push(name)
        if (!stubborn.includes(name)) values.set(name, declared[name] ?? '')
      },
      declareRemoved: async (resources: RemovedDeclarations['declared']) => ({
        text: 'values: {}\n',
        declared: resources,
        variables: [],
        incomplete: [],
        lost: [],
      }),
      verify: async () => [toProof('good', asSaid('it is there'), asSaid('yes'), null)],
      clear: async () => [],
      close: async () => {
        await unlock()
        closed = true
      },
    }
  }
  return { store, server, open, values, written, closed: () => closed, locking }
}
