import { moments, type WireCommand } from '../../helpers/mysql/wire-proxy.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'
import { type Database, isConnected, openDatabase, waitFor, withDatabase } from './database.ts'
import type { Fixture } from './fixture.ts'
import { type Fault, inject, type KillPoint, recordCommands } from './inject.ts'
import { type Picture, readJournalLines, takePicture } from './picture.ts'
import { isSoak } from './seed.ts'

/** What is run, killed, and run again, and what has to be there in the end. */
export interface Scenario {
  readonly fixture: Fixture
  /** What is there before. */
  readonly setUp: string
  /** Runs that are not killed, before. */
  readonly prelude: readonly (readonly string[])[]
  /** The run that is killed, and run again as it is. */
  readonly args: readonly string[]
  /** False where no migration makes the tables: then nothing is recorded that `drift` could compare with. */
  readonly comparesDrift?: false
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

/** Runs an scenario without any harm. */
export async function runUnharmed(scenario: Scenario): Promise<Reference> {
  const { fixture } = scenario
  const schema = await prepare(scenario)
  const { commands, run } = await recordCommands(fixture, scenario.args, schema)
  if (run.exitCode !== 0) throw new Error(`the uninterrupted run ended with ${run.exitCode}: ${run.stderr}`)
  const reference = await withDatabase(fixture.urlOf(schema), async (database) => ({
    commands,
    picture: await takePicture(database),
    journal: await readJournalLines(database),
  }))
  await fixture.dropSchema(schema)
  return reference
}

async function prepare({ fixture, setUp, prelude }: Scenario): Promise<string> {
  const schema = await fixture.createSchema(setUp)
  for (const args of prelude) {
    const run = await fixture.run(args, schema)
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

/** In a sample, one point of this number is looked at with `drift`, too: each look is a process of its own. */
const sampledLooks = 4

/** Lets something die at a point, runs again at once, and compares what is there with what should be. */
export async function survive(
  scenario: Scenario,
  reference: Reference,
  point: KillPoint,
  fault: Fault,
  score: Score,
): Promise<void> {
  const { fixture, args } = scenario
  const schema = await prepare(scenario)
  const injected = await inject(fixture, args, schema, point, fault, (command) => waitForBegin(fixture, command))
  const problems = problemsOfRun(injected.run, fault)
  const kept = await insertAfterTruncate(fixture, schema, injected.command)
  // While the next run is under way, and behind it, the schema is what wwdb made: nothing was changed by hand. Before the first run has recorded
  // a schema, what no migration made is a difference.
  const looks = scenario.comparesDrift !== false && (isSoak || score.tried % sampledLooks === 0)
  const look = async (): Promise<ToolRun | null> => (looks ? await fixture.run(['drift'], schema) : null)
  const [again, during] = await Promise.all([fixture.run(args, schema), look()])
  if (again.exitCode !== 0 || hasDefect(again)) problems.push(`run again: ${again.exitCode} ${again.stderr}`)
  const after = await look()
  if (scenario.prelude.length > 0 && (during?.exitCode ?? 0) !== 0)
    problems.push(`drift during it: ${during?.stdout}${during?.stderr}`)
  if ((after?.exitCode ?? 0) !== 0) problems.push(`drift after it: ${after?.exitCode} ${after?.stdout}${after?.stderr}`)
  problems.push(...(await compare(fixture, schema, reference, kept)))
  if (injected.command === null) score.missed += 1
  else score.tried += 1
  if (problems.length === 0) {
    if (injected.command !== null) score.survived += 1
    await fixture.dropSchema(schema)
    return
  }
  const where = `${fault} at ${point.moment} ${point.index} (${injected.command?.text.slice(0, 100) ?? 'not reached'})`
  const failure = [where, ...problems, `killed run: ${injected.run.stderr}`].join('\n  ')
  // At once: a soak takes hours.
  console.error(failure)
  score.failures.push(failure)
}

const hasDefect = (run: ToolRun): boolean => /has a defect|^\s+at .+:\d+:\d+\)?$/m.test(run.stderr + run.stdout)

/** A run whose connection or server died must end by itself, with a sentence. */
function problemsOfRun(run: ToolRun, fault: Fault): string[] {
  if (fault === 'runner') return []
  const problems: string[] = []
  if (run.exitCode !== 0 && run.exitCode !== 2 && run.exitCode !== 69)
    problems.push(`the run ended with ${run.exitCode}`)
  if (hasDefect(run)) problems.push('the run reported a defect')
  return problems
}

/** Returns when the server has begun the command, or has ended it already. */
async function waitForBegin(fixture: Fixture, { threadId, text }: WireCommand): Promise<void> {
  await withDatabase(fixture.server.url, (database) =>
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
async function insertAfterTruncate(fixture: Fixture, schema: string, command: WireCommand | null): Promise<boolean> {
  return withDatabase(fixture.urlOf(schema), async (database) => {
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

async function compare(fixture: Fixture, schema: string, reference: Reference, kept: boolean): Promise<string[]> {
  const database = await openDatabase(fixture.urlOf(schema))
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
