import { groupBy } from '../../core/group-by.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import { sentryComment } from './gh-ost.ts'
import { type CopyTool, isBackTrigger, isToolTrigger, readLeftoverName } from './leftover-names.ts'

/** A table of a schema, as the server lists it. */
export interface ListedTable {
  readonly name: string
  /** Data and indexes, by InnoDB's estimate. */
  readonly bytes: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number | null
  readonly comment: string
}

interface ListedTrigger {
  readonly name: string
  /** The table whose writes fire it. */
  readonly table: string
}

/** What a schema has that a tool may have left. */
export interface Listing {
  readonly schema: string
  /** Tables whose names are those of a tool. */
  readonly tables: readonly ListedTable[]
  /** Those that are there of the tables that the names name; of a cut name, all that begin like it. */
  readonly originals: readonly string[]
  readonly triggers: readonly ListedTrigger[]
  /** False where the account may not see the triggers of every table. */
  readonly seesTriggers: boolean
}

/**
 * How far a change came whose tool is gone, by what the server shows:
 * - `copying`  the copy is there, and triggers of the table write each change to it as well
 * - `triggers` the triggers are there without the copy: every write of the table fails, or is lost to the copy
 * - `copy`     the copy is there, and nothing writes to it any more
 * - `swapped`  the copy has taken the table's place, and the table as it was is still there
 * - `sentry`   gh-ost's cut-over was under way: an empty table stands where the old one was to go
 * - `log`      what a tool keeps for itself, and nothing else
 * - `back`     triggers of a revert that was ended: each write of the table goes to the table as it was as well, which must stay while they are there
 */
export type LeftoverState = 'copying' | 'triggers' | 'copy' | 'swapped' | 'sentry' | 'log' | 'back'

/** What an unfinished or finished change of one table left behind. */
export interface Leftover {
  /** Those that give such names. */
  readonly tools: readonly [CopyTool, ...CopyTool[]]
  readonly schema: string
  /** The table that was changed; null where the names do not say. */
  readonly table: string | null
  readonly state: LeftoverState
  readonly tables: readonly ListedTable[]
  readonly triggers: readonly ListedTrigger[]
  /** Statements that remove it, in their order: triggers first, as the writes of the table fail once the table that they write to is gone. */
  readonly remove: readonly string[]
}

/** The leftovers of a schema, by table. Pure: the server alone says how far each change came, never an exit code. */
export function findLeftovers(listing: Listing): readonly Leftover[] {
  const originals = new Map(listing.originals.map((name) => [name.toLowerCase(), name]))
  const named = listing.tables.flatMap((table): readonly NamedTable[] => {
    const name = readLeftoverName(table.name)
    if (name === null) return []
    if (name.table === null) return [{ ...name, table: null, seen: table }]
    const original = originalOf(name.table, name.isCut, originals)
    return original === null ? [] : [{ ...name, table: original, seen: table }]
  })
  const triggers = listing.triggers.filter(({ name }) => isToolTrigger(name))
  const byTable = groupBy(named, ({ tools, table }) => `${tools.join()}/${table ?? ''}`)
  const found = [...byTable.values()].flatMap((group) => describeGroup(listing, group, named, triggers))
  const taken = new Set(found.flatMap((one) => one.triggers.map(({ name }) => name)))
  const orphans = groupBy(
    triggers.filter(({ name }) => !taken.has(name)),
    ({ table }) => table,
  )
  const alone = [...orphans].map(([table, own]) =>
    toLeftover(listing, { tools: ['pt-online-schema-change'], table, state: 'triggers', tables: [], triggers: own }),
  )
  const ofReverts = groupBy(
    listing.triggers.filter(({ name }) => isBackTrigger(name)),
    ({ table }) => table,
  )
  const back = [...ofReverts].map(([table, own]) =>
    toLeftover(listing, { tools: ['wwdb online revert'], table, state: 'back', tables: [], triggers: own }),
  )
  return [...found, ...alone, ...back].toSorted((a, b) => compare(a.table ?? '', b.table ?? ''))
}

interface NamedTable {
  readonly tools: Leftover['tools']
  readonly role: 'copy' | 'old' | 'log'
  readonly table: string | null
  readonly seen: ListedTable
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function originalOf(name: string, isCut: boolean, originals: ReadonlyMap<string, string>): string | null {
  const own = originals.get(name.toLowerCase())
  if (own !== undefined || !isCut) return own ?? null
  const longer = [...originals].filter(([key]) => key.startsWith(name.toLowerCase()))
  return longer.length === 1 ? (longer[0]?.[1] ?? null) : null
}

function describeGroup(
  listing: Listing,
  group: readonly NamedTable[],
  all: readonly NamedTable[],
  triggers: readonly ListedTrigger[],
): readonly Leftover[] {
  const [first] = group
  if (first === undefined) return []
  const { table } = first
  // A log of spirit beside a copy says whose copy it is.
  const isOfSpirit = all.some((one) => one.table === table && one.role === 'log' && one.tools[0] === 'spirit')
  const names = new Set(group.map(({ seen }) => seen.name))
  const own = triggers.filter((trigger) => trigger.table === table || names.has(trigger.table))
  const tools: Leftover['tools'] =
    own.length > 0
      ? ['pt-online-schema-change']
      : isOfSpirit && first.tools.includes('spirit')
        ? ['spirit']
        : first.tools
  const sorted = group.toSorted((a, b) => order[a.role] - order[b.role]).map(({ seen }) => seen)
  const state = stateOf(group, own, table)
  return [toLeftover(listing, { tools, table, state, tables: sorted, triggers: own })]
}

/** A copy goes before the tool's own log, and the table as it was last of all. */
const order = { copy: 0, log: 1, old: 2 } as const

function stateOf(
  group: readonly NamedTable[],
  triggers: readonly ListedTrigger[],
  table: string | null,
): LeftoverState {
  const has = (role: NamedTable['role']): boolean => group.some((one) => one.role === role)
  const onTable = triggers.some((trigger) => trigger.table === table)
  if (has('copy')) return onTable ? 'copying' : 'copy'
  if (onTable) return 'triggers'
  if (!has('old')) return 'log'
  return group.every(({ role, seen }) => role !== 'old' || seen.comment === sentryComment) ? 'sentry' : 'swapped'
}

function toLeftover({ schema, seesTriggers }: Listing, found: Omit<Leftover, 'schema' | 'remove'>): Leftover {
  const drops = [
    ...found.triggers.map(({ name }) => `DROP TRIGGER ${quoteQualified(schema, name)}`),
    ...found.tables.map(({ name }) => `DROP TABLE ${quoteQualified(schema, name)}`),
  ]
  // Triggers that are not seen may still write to a copy: it must not be dropped before they are.
  const isKnown = seesTriggers || !found.tools.includes('pt-online-schema-change')
  return { ...found, schema, remove: isKnown ? drops : [] }
}
