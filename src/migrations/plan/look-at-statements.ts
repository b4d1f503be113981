import type { Config } from '../../config/config.ts'
import { countOf } from '../../core/plural.ts'
import { nameServer } from '../../core/server-place.ts'
import { findHazards, type JudgedStatement, type PlannedStatement } from '../../lint/find-hazards.ts'
import type { LiveUse } from '../../lint/live-use.ts'
import { listRemovedNames, nameRemoved, type RemovedName } from '../../lint/removed-names.ts'
import { findCode, findStatements, type LiveStatement } from '../../uses/find-uses.ts'
import type { NamedObject } from '../../uses/name-uses.ts'
import type { NamedParts, ServerLook, StatementServers } from '../../uses/ports.ts'
import type { Step } from '../plan.ts'
import { readRanTexts } from '../ran-texts.ts'
import type { OpenTarget } from '../targets.ts'

/** What is needed to look at live statements; the driver is opened where a plan takes a name away. */
export interface LiveLook {
  readonly config: Config
  readonly open: () => Promise<StatementServers>
}

/** A planned statement with what it takes away. */
interface Removing {
  readonly position: number
  readonly removed: readonly RemovedName[]
  /** On shards it stands for those of the whole family. */
  readonly isShard: boolean
}

/** Statements that were last seen before are not live any more. Milliseconds. */
const within = 7 * 86_400_000

interface LookedAt<Judged> {
  readonly judged: readonly Judged[]
  readonly notes: readonly string[]
}

/**
 * The judgments of a plan with the hazards of names that live statements use. Servers are asked only where a statement drops or renames something that was
 * there before the plan; a server that cannot be looked at is a note.
 */
export async function judgeByStatements<Judged extends JudgedStatement>(
  live: LiveLook | null,
  target: OpenTarget,
  located: readonly { readonly step: Step }[],
  planned: readonly PlannedStatement[],
  judged: readonly Judged[],
): Promise<LookedAt<Judged>> {
  const removing = live === null ? [] : listRemoving(located, planned, judged)
  if (live === null || removing.length === 0) return { judged, notes: [] }
  const { uses, notes } = await findUses(live, target, removing, planned)
  const found = new Map(removing.map(({ position }) => [position, uses]))
  return {
    notes,
    judged: judged.map((one, position) => {
      const [own, asked] = [found.get(position), planned[position]]
      if (own === undefined || own.length === 0 || asked === undefined) return one
      const context = { ...one.context, live: own }
      return { ...one, context, hazards: findHazards(asked.statement, context) }
    }),
  }
}

function listRemoving(
  located: readonly { readonly step: Step }[],
  planned: readonly PlannedStatement[],
  judged: readonly JudgedStatement[],
): readonly Removing[] {
  return planned.flatMap(({ statement }, position) => {
    const context = judged[position]?.context
    const removed = context === undefined ? [] : listRemovedNames(statement, context)
    const isShard = located[position]?.step.fanOut !== undefined
    return removed.length === 0 ? [] : [{ position, removed, isShard }]
  })
}

async function findUses(
  { config, open }: LiveLook,
  { database, session }: OpenTarget,
  removing: readonly Removing[],
  planned: readonly PlannedStatement[],
): Promise<{ readonly uses: readonly LiveUse[]; readonly notes: readonly string[] }> {
  const servers = await open()
  const wanted = new Map(
    removing.flatMap(({ removed, isShard }) => removed.map((one) => [nameRemoved(one), { ...one, isShard }] as const)),
  )
  const schemas = new Set([database.schema, ...[...wanted.values()].flatMap(({ table }) => table.schema ?? [])])
  const beside = config.databases
    .filter((one) => one.server.label === database.server.label)
    .map(({ schema }) => schema)
  const words = [...wanted.values()].map(({ table, isShard }) => (isShard ? beginningOf(table.name) : table.name))
  const parts = [...wanted.values()].flatMap(({ part }) => part?.name ?? [])
  const question = { schema: database.schema, schemas: [...schemas], words: [...new Set(words)], within }
  const [looks, known] = await Promise.all([
    servers.look(database, config.throttle.replicas, config.timeouts, question),
    servers.readParts(database, [...new Set([...beside, ...schemas])], config.timeouts, parts),
  ])
  const made = new Set(planned.flatMap(({ statement }) => statement.objects.map(({ name }) => name)))
  const code = { ...known, stored: known.stored.filter(({ name }) => !made.has(name)) }
  const objects = [...wanted].map(([name, one]) => ({ name, object: toObject(one, database.schema, code) }))
  const isNamed = looks.some(
    (look) =>
      look.type === 'seen' && objects.some(({ object }) => findStatements(look, object, []).statements.length > 0),
  )
  // The files are read only where something is found: most of it is what their statements did.
  const ran = isNamed ? await readRanTexts(config, database, servers) : []
  const found = looks.map((look) => ({
    look,
    of: new Map(
      objects.map(({ name, object }) => [name, look.type === 'seen' ? findStatements(look, object, ran) : null]),
    ),
  }))
  const uses = objects.map(({ name, object }): LiveUse => {
    const own = found.flatMap(({ look, of }) =>
      look.type === 'seen' ? (of.get(name)?.statements ?? []).map((one) => ({ ...one, look })) : [],
    )
    return { ...sumUp(name, own), code: findCode(code.stored, object).code.map((one) => `${one.type} ${one.name}`) }
  })
  const names = objects.map(({ name }) => `\`${name}\``).join(', ')
  const notes = found.flatMap(({ look, of }) => {
    const cut = Math.max(...[...of.values()].map((one) => one?.unjudged ?? 0))
    return noteOf(look, cut, names, session.target.database)
  })
  return { uses: uses.filter(({ statements, code: named }) => statements > 0 || named.length > 0), notes }
}

function sumUp(
  name: string,
  found: readonly (LiveStatement & { readonly look: Extract<ServerLook, { type: 'seen' }> })[],
): Omit<LiveUse, 'code'> {
  const [last] = found.toSorted((a, b) => b.lastSeen - a.lastSeen)
  const key = ({ schema, digest }: LiveStatement): string => `${schema} ${digest}`
  return {
    name,
    statements: new Set(found.map(key)).size,
    all: new Set(found.filter(({ names }) => names === 'all').map(key)).size,
    last: last === undefined ? null : { ago: Math.max(0, last.look.now - last.lastSeen), server: last.look.name },
  }
}

function toObject(
  { table, part, isShard }: RemovedName & { readonly isShard: boolean },
  schema: string,
  { foldsNames, columns }: Pick<NamedParts, 'foldsNames' | 'columns'>,
): NamedObject {
  const fold = (name: string): string => (foldsNames ? name.toLowerCase() : name)
  const family = isShard ? patternOf(fold(table.name)) : null
  const isTable = (name: string): boolean => family?.test(fold(name)) ?? fold(name) === fold(table.name)
  const others = new Set(
    columns
      .filter(({ column }) => column.toLowerCase() === part?.name.toLowerCase())
      .map((one) => `${one.schema}\0${fold(one.table)}`),
  )
  const hasColumn = (of: string, name: string): boolean => others.has(`${of}\0${fold(name)}`)
  return { schema: table.schema ?? schema, isTable, part, foldsNames, hasColumn }
}

/** Shards of one family differ in digits: `messages_2026_11`, `groups_42`. */
function patternOf(table: string): RegExp {
  return new RegExp(`^${table.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\d+/g, '\\d+')}$`)
}

const beginningOf = (table: string): string => table.replace(/\d.*$/s, '')

function noteOf(look: ServerLook, cut: number, names: string, database: string): readonly string[] {
  const server = look.name === 'primary' ? `the primary of \`${database}\`` : nameServer(look.name)
  if (look.type === 'unseen')
    return [`Whether live statements name ${names} was not looked at on ${server}: ${look.why}.`]
  const parts = [
    ...(cut === 0 ? [] : [countOf(cut, 'truncated statement')]),
    ...(look.lost === 0 ? [] : [`${countOf(look.lost, 'execution')} without a digest`]),
  ]
  return parts.length === 0 ? [] : [`${parts.join(' and ')} on ${server} could not be checked for ${names}.`]
}
