import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openWireProxy } from '../../helpers/mysql/wire-proxy.ts'
import type { OwnServer } from '../../helpers/servers/servers.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'
import { withDatabase } from './database.ts'
import { type Fixture, openFixture } from './fixture.ts'
import { type Picture, takePicture } from './picture.ts'
import type { WritingCommand } from './writing-commands.ts'

/** How a command goes when nothing dies. */
export interface Unharmed {
  /** The moments of all its commands to the server, on every connection. */
  readonly moments: number
  readonly end: Picture
}

interface Place {
  readonly server: OwnServer
  readonly launcher: string
}

/** Runs a command to its end, and counts its moments. */
export async function runUnharmedCommand(place: Place, command: WritingCommand): Promise<Unharmed> {
  return inProject(place, command, async (fixture, schema) => {
    const { run, moments } = await runUntil(fixture, schema, command.args, null)
    if (run.exitCode !== 0) throw new Error(`${command.name} ended with ${run.exitCode}: ${run.stderr}${run.stdout}`)
    return { moments, end: await readEnd(fixture, schema, command) }
  })
}

/** Kills a command at one of its moments and runs it again; returns what is not as it should be. */
export async function surviveCommand(
  place: Place,
  command: WritingCommand,
  unharmed: Unharmed,
  moment: number,
): Promise<readonly string[]> {
  return inProject(place, command, async (fixture, schema) => {
    const { run: killed, at } = await runUntil(fixture, schema, command.args, moment)
    const problems: string[] = []
    const again = await continueIt(fixture, schema, command)
    if (again.exitCode !== 0 && command.nothingLeft?.test(again.stderr) !== true)
      problems.push(`the next run ended with ${again.exitCode}: ${again.stderr}${again.stdout}`)
    const end = await readEnd(fixture, schema, command)
    for (const name of new Set([...Object.keys(end), ...Object.keys(unharmed.end)]))
      if (end[name] !== unharmed.end[name]) problems.push(`${name} is ${end[name]} instead of ${unharmed.end[name]}`)
    const where = `${command.name} killed at ${moment} of ${unharmed.moments} (${at})`
    return problems.map((problem) => `${where}: ${problem}\n  killed run: ${killed.stderr}`)
  })
}

/** The next run; where it refuses and names the command that continues, that one. */
async function continueIt(fixture: Fixture, schema: string, { args, next }: WritingCommand): Promise<ToolRun> {
  const again = await fixture.run(next ?? args, schema)
  const named = /wwdb (redo --steps \d+ --target app)/.exec(again.stderr.replace(/\s+/g, ' '))?.[1]
  if (again.exitCode === 0 || named === undefined) return again
  return fixture.run([...named.split(' '), '--yes', '--allow', 'DROP_COLUMN,DROP_TABLE'], schema)
}

/** A project and a schema of its own: some commands write files. */
async function inProject<T>(
  place: Place,
  { files, setUp, prelude, byHand }: WritingCommand,
  work: (fixture: Fixture, schema: string) => Promise<T>,
): Promise<T> {
  const fixture = await openFixture({ ...place, files })
  const schema = await fixture.createSchema(setUp)
  try {
    for (const args of prelude) {
      const run = await fixture.run(args, schema)
      if (run.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${run.exitCode}: ${run.stderr}`)
    }
    if (byHand !== undefined) await withDatabase(fixture.urlOf(schema), (database) => database.run(byHand))
    return await work(fixture, schema)
  } finally {
    await fixture.dropSchema(schema)
    await fixture.close()
  }
}

/** @param last the moment at which it is killed; null for never */
async function runUntil(fixture: Fixture, schema: string, args: readonly string[], last: number | null) {
  let moments = 0
  let at = 'not reached'
  const proxy = await openWireProxy(fixture.server.port, async (command, moment) => {
    moments += 1
    if (at !== 'not reached') return 'drop'
    if (moments !== last) return 'pass'
    at = `${moment} ${command.text.slice(0, 100)}`
    tool.child.kill('SIGKILL')
    await tool.ended
    return 'drop'
  })
  const tool = fixture.start(args, schema, proxy.port)
  const run = await tool.ended
  if (last === null) await proxy.close()
  return { run, moments, at }
}

/**
 * Definitions and rows, files without the moments in their names, whether the journal has anything that is not closed, and how the commands end that
 * say what they see.
 */
async function readEnd(fixture: Fixture, schema: string, command: WritingCommand): Promise<Picture> {
  const { comparesDrift, comparesRowsAlone } = command
  const looks = [['status', '--exit-code'], ['validate'], ...(comparesDrift === false ? [] : [['drift']])]
  const ends: Record<string, string> = {}
  for (const words of looks) {
    const { exitCode, stdout, stderr } = await fixture.run(words, schema)
    ends[words.join(' ')] =
      exitCode === 0 ? '0' : `${exitCode}: ${stderr}${stdout}`.replaceAll(variable, '').replaceAll(/ +/g, ' ')
  }
  return withDatabase(fixture.urlOf(schema), async (database) => {
    const hasJournal = (await database.rows("SHOW TABLES LIKE 'wwdb\\_journal'")).length > 0
    const open = hasJournal
      ? await database.rows("SELECT summary, state FROM wwdb_journal WHERE state <> 'closed'")
      : []
    const picture = await takePicture(database)
    const shown = comparesRowsAlone === true ? { rows: listRows(picture) } : picture
    return { ...shown, ...readFiles(fixture.folder), ...ends, 'open rows': JSON.stringify(open) }
  })
}

/** The rows of all tables, whatever their names. */
function listRows(picture: Picture): string {
  const rows = Object.entries(picture).flatMap(([name, text]) => (name.startsWith('rows of ') ? text.split('\n') : []))
  return rows
    .filter((row) => row !== '')
    .sort()
    .join('\n')
}

/** What differs between two runs that ended well: names of schemas, times, durations. */
const variable = /chaos_\w+|\d{4}-\d{2}-\d{2} \d{2}:\d{2}|\d[\d.,]* m?s\b|\d{14}/g

function readFiles(folder: string): Picture {
  if (!existsSync(join(folder, 'migrations'))) return {}
  const entries = readdirSync(join(folder, 'migrations'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
  return Object.fromEntries(
    files.map(({ name, parentPath }) => [
      `file ${name.replace(/^\d{4,}_/, '')}`,
      readFileSync(join(parentPath, name), 'utf8').replaceAll(/\d{14}/g, 'MOMENT'),
    ]),
  )
}
