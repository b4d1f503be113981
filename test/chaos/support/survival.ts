import type { ToolRun } from '../../helpers/tool.ts'
import { moments, type WireCommand } from '../../helpers/wire-proxy.ts'
import type { Arena } from './arena.ts'
import { type Database, isConnected, openDatabase, waitFor, withDatabase } from './database.ts'
import { type Picture, readJournalLines, takePicture } from './picture.ts'
import { type KillPoint, recordCommands, strike, type Weapon } from './strike.ts'

/** What is run, killed, and run again, and what has to be there in the end. */
export interface Ordeal {
  readonly arena: Arena
  /** What is there before. */
  readonly setUp: string
  /** Runs that are not killed, before. */
  readonly prelude: readonly (readonly string[])[]
  /** The run that is killed, and run again as it is. */
  readonly args: readonly string[]
}

/** How it goes when nothing dies. */
export interface Reference {
  readonly commands: readonly WireCommand[]
  readonly picture: Picture
  readonly journal: readonly string[]
}

export interface Score {
  tried: number
  survived: number
  /** Points that a run did not come to, e.g. because it wrote to the journal once less. */
  missed: number
  readonly failures: string[]
}

export const newScore = (): Score => ({ tried: 0, survived: 0, missed: 0, failures: [] })

/** Runs an ordeal without any harm. */
export async function runUnharmed(ordeal: Ordeal): Promise<Reference> {
  const { arena } = ordeal
  const schema = await prepare(ordeal)
  const { commands, run } = await recordCommands(arena, ordeal.args, schema)
  if (run.exitCode !== 0) throw new Error(`the uninterrupted run ended with ${run.exitCode}: ${run.stderr}`)
  const reference = await withDatabase(arena.urlOf(schema), async (database) => ({
    commands,
    picture: await takePicture(database),
    journal: await readJournalLines(database),
  }))
  await arena.dropSchema(schema)
  return reference
}

async function prepare({ arena, setUp, prelude }: Ordeal): Promise<string> {
  const schema = await arena.createSchema(setUp)
  for (const args of prelude) {
    const run = await arena.run(args, schema)
    if (run.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${run.exitCode}: ${run.stderr}`)
  }
  return schema
}

/** Every moment of every command. */
export function listPoints(commands: readonly WireCommand[]): readonly KillPoint[] {
  return commands.flatMap(({ index }) => moments.map((moment) => ({ index, moment })))
}

const isJournalWrite = (command: WireCommand | undefined): boolean =>
  command !== undefined && /\bwwdb_journal\b.*COMMIT$/s.test(command.text) && !command.text.startsWith('SELECT pass')

/** Before the server has a write to the journal, and after it has answered it: between these nothing else happens. */
export function listJournalBoundaries(commands: readonly WireCommand[]): readonly KillPoint[] {
  return listPoints(commands).filter(
    ({ index, moment }) => moment !== 'sent' && isJournalWrite(commands.find((one) => one.index === index)),
  )
}

/** Lets something die at a point, runs again at once, and compares what is there with what should be. */
export async function survive(
  ordeal: Ordeal,
  reference: Reference,
  point: KillPoint,
  weapon: Weapon,
  score: Score,
): Promise<void> {
  const { arena, args } = ordeal
  const schema = await prepare(ordeal)
  const struck = await strike(arena, args, schema, point, weapon, (command) => waitForBegin(arena, command))
  const faults = struckFaults(struck.run, weapon)
  const kept = await insertAfterTruncate(arena, schema, struck.command)
  const again = await arena.run(args, schema)
  if (again.exitCode !== 0 || hasDefect(again)) faults.push(`run again: ${again.exitCode} ${again.stderr}`)
  faults.push(...(await compare(arena, schema, reference, kept)))
  if (struck.command === null) score.missed += 1
  else score.tried += 1
  if (faults.length === 0) {
    if (struck.command !== null) score.survived += 1
    await arena.dropSchema(schema)
    return
  }
  const where = `${weapon} at ${point.moment} ${point.index} (${struck.command?.text.slice(0, 100) ?? 'not reached'})`
  const failure = [where, ...faults, `killed run: ${struck.run.stderr}`].join('\n  ')
  // At once: a soak takes hours.
  console.error(failure)
  score.failures.push(failure)
}

const hasDefect = (run: ToolRun): boolean => /has a defect|^\s+at .+:\d+:\d+\)?$/m.test(run.stderr + run.stdout)

/** A run whose connection or server died must end by itself, with a sentence. */
function struckFaults(run: ToolRun, weapon: Weapon): string[] {
  if (weapon === 'runner') return []
  const faults: string[] = []
  if (run.exitCode !== 0 && run.exitCode !== 2 && run.exitCode !== 69) faults.push(`the run ended with ${run.exitCode}`)
  if (hasDefect(run)) faults.push('the run told of a defect')
  return faults
}

/** Returns when the server has begun the command, or is through with it already. */
async function waitForBegin(arena: Arena, { threadId, text }: WireCommand): Promise<void> {
  await withDatabase(arena.server.url, (database) =>
    waitFor(`connection ${threadId} to begin ${text.slice(0, 60)}`, async () => {
      const [row] = await database.rows(
        `SELECT COMMAND, INFO, STATE FROM information_schema.PROCESSLIST WHERE ID = ${threadId}`,
      )
      const [command, info, state] = row ?? []
      return command !== 'Query' || (info !== null && state !== 'starting' && state !== 'init')
    }),
  )
}

/** What the application writes into a table after TRUNCATE ran must not be lost to a second TRUNCATE. */
async function insertAfterTruncate(arena: Arena, schema: string, command: WireCommand | null): Promise<boolean> {
  return withDatabase(arena.urlOf(schema), async (database) => {
    const { threadId = 0, text = '' } = command ?? {}
    if (/^TRUNCATE/i.test(text)) await waitForEnd(database, threadId)
    const exists = await database.rows("SHOW TABLES LIKE 'emptied'")
    if (exists.length === 0 || (await database.rows('SELECT 1 FROM emptied')).length > 0) return false
    await database.run("INSERT INTO emptied VALUES ('kept')")
    return true
  })
}

function waitForEnd(database: Database, threadId: number): Promise<void> {
  return waitFor(`connection ${threadId} to end`, async () => !(await isConnected(database, threadId)))
}

async function compare(arena: Arena, schema: string, reference: Reference, kept: boolean): Promise<string[]> {
  const database = await openDatabase(arena.urlOf(schema))
  try {
    const found: Record<string, string> = { ...(await takePicture(database)) }
    if (kept && found['rows of emptied'] === 'kept') found['rows of emptied'] = ''
    else if (kept) return [`the row written after TRUNCATE is lost: ${found['rows of emptied']}`]
    const names = new Set([...Object.keys(found), ...Object.keys(reference.picture)])
    const differing = [...names].filter((name) => found[name] !== reference.picture[name])
    const journal = await readJournalLines(database)
    const lines = new Set(reference.journal)
    return [
      ...differing.map((name) => `${name} is\n    ${found[name]}\n  instead of\n    ${reference.picture[name]}`),
      ...journal.filter((line) => !lines.has(line)).map((line) => `the journal says ${line}`),
      ...(journal.length === reference.journal.length
        ? []
        : [`the journal has ${journal.length} rows instead of ${reference.journal.length}`]),
    ]
  } finally {
    await database.close()
  }
}
