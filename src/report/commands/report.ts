import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { language } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { Language } from '../../core/language.ts'
import { releaseMemory } from '../../core/release-memory.ts'
import { ToolError } from '../../core/tool-error.ts'
import { chooseTables } from '../gather/choose-tables.ts'
import { gatherDatabases } from '../gather/gather-databases.ts'
import { gatherDoctor, gatherDrift, gatherLint, leaveToStores } from '../gather/gather-findings.ts'
import { gatherRuns } from '../gather/gather-runs.ts'
import { gatherFamilies } from '../gather/gather-shards.ts'
import { gatherStores } from '../gather/gather-stores.ts'
import { renderHtml } from '../html/render-html.ts'
import { renderMarkdown } from '../markdown/render-markdown.ts'
import type { Report } from '../report.ts'

/** `wwdb report`: everything that is known about a platform, as one page or as files of a wiki. Reads only. */
export const command = defineCommand({
  name: 'report',
  group: 'Databases and projects',
  summary: 'write a report of all databases, shards, runs, findings and stores',
  purpose:
    'Writes one page that opens from disk, without a network: every table and column with its comment and the ' +
    'migration that created it, a diagram of each database, a calendar of the shards of each family, the runs, ' +
    'changes made by hand, the findings of `lint` and `doctor`, and the stores. Only reads. The part of a server ' +
    'that is down shows the reason, and its tables as the files define them: a report is not a check, so the exit ' +
    'code is 0 even then, and with findings.',
  examples: [
    { command: 'wwdb report --out report.html', purpose: 'one page, to be opened or sent' },
    { command: 'wwdb report --out report.html --language zh', purpose: 'the same in Chinese' },
    {
      command: "wwdb report --out orders.html --tables 'order_*'",
      purpose: 'only the tables whose names match; of a database with more than 2,000, others than the first',
    },
    { command: 'wwdb report --format markdown --out wiki', purpose: 'a file for each database, for a wiki' },
  ],
  flags: {
    'What to write': {
      out: {
        value: 'FILE',
        type: 'file',
        description: 'the file of the page, or the folder for Markdown',
        otherwise: 'nothing is written, and a summary is printed',
        minLength: 1,
      },
      format: {
        value: 'FORMAT',
        description: 'format: one page, or Markdown for a wiki; json prints everything as data',
        choices: ['human', 'json', 'github', 'html', 'markdown'],
        otherwise: 'html',
      },
      tables: {
        value: 'PATTERN',
        description: 'only tables whose names match: `order_*`, or `user_db/order_*`; may be repeated',
        otherwise: 'the first 2,000 of each database',
        repeatable: true,
        minLength: 1,
      },
      language: { ...language, description: 'the language of the report' },
      runs: {
        value: 'NUMBER',
        type: 'integer',
        description: 'at most this many runs of each database, the newest',
        min: 1,
        max: 10_000,
        default: 100,
      },
    },
  },
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  stores: true,
  async run({ out, format, tables = [], language: wanted, runs }, context) {
    const config = await context.config()
    const language = wanted ?? config.lint.language
    const report = await gatherReport(context, { runs: runs ?? 100, tables, language })
    const files =
      out === undefined
        ? []
        : format === 'markdown'
          ? renderMarkdown(report, language).map(({ name, text }) => ({ path: join(out, name), text }))
          : [{ path: out, text: renderHtml(report, language) }]
    for (const { path, text } of files) await write(resolve(context.process.cwd, path), path, text)
    return { result: { kind: 'report', written: files.map(({ path }) => path), report }, exitCode: exitCodes.done }
  },
})

async function write(absolute: string, path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(absolute), { recursive: true })
    await writeFile(absolute, text)
  } catch (error) {
    throw new ToolError(
      'REPORT_FILE',
      {
        what: 'The report could not be written.',
        where: { file: path },
        why: error instanceof Error ? error.message : String(error),
        next: 'Give a writable path with `--out`.',
      },
      { cause: error },
    )
  }
}

/** What is requested besides the databases. */
interface GatherRequest {
  /** At most this many runs of each database. */
  readonly runs: number
  /** Patterns of the tables that are described; empty for all. */
  readonly tables: readonly string[]
  /** The language of the findings of lint and doctor, which exist in both. */
  readonly language: Language
}

/**
 * Reads all that the report shows; its parts are read in parallel and independently. Writes nothing, and does not reject because a server
 * is down.
 */
async function gatherReport(context: Context, { runs: limit, tables, language }: GatherRequest): Promise<Report> {
  const config = await context.config()
  // Warnings of the underlying commands are shown in their parts.
  const quiet: Context = { ...context, emit: () => undefined }
  const databases = await gatherDatabases(quiet, config, chooseTables(tables))
  const { reviewed } = databases.value
  if (reviewed !== null) releaseMemory()
  const [families, runs, drift, lint, doctor, stores] = await Promise.all([
    gatherFamilies(quiet, config),
    gatherRuns(quiet, config, limit),
    gatherDrift(quiet),
    gatherLint(quiet, language, reviewed),
    gatherDoctor(quiet, language),
    gatherStores(quiet, config),
  ])
  return {
    at: new Date(context.now()).toISOString(),
    toolVersion: context.process.toolVersion,
    environment: config.environment,
    databases: databases.value.databases,
    families: families.value,
    runs: runs.value,
    drift: drift.value,
    lint: lint.value,
    doctor: leaveToStores(doctor.value, stores.value),
    stores: stores.value,
    gaps: [databases, families, runs, drift, lint, doctor, stores].flatMap(({ gaps }) => gaps),
  }
}
