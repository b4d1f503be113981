import { eventViews } from '../../../src/cli/event-views.ts'
import { loadView } from '../../../src/cli/views.generated.ts'
import type { Result } from '../../../src/command/result.ts'
import type { ExitCode } from '../../../src/core/exit-code.ts'
import { toPlanDocument } from '../../../src/migrations/plan-document.ts'
import { createReporter } from '../../../src/terminal/create-reporter.ts'
import type { Reporter, ReporterOptions } from '../../../src/terminal/reporter.ts'
import { typesOf } from '../../helpers/documents/schema-document.ts'

/** A reporter that finds the view of an answer itself. */
export interface TestReporter extends Omit<Reporter, 'result'> {
  readonly result: (result: Result, exitCode: ExitCode) => Promise<void>
}

export interface Opened {
  readonly reporter: TestReporter
  readonly out: () => string
  readonly err: () => string
}

/** A reporter that writes into strings. `now` is read at every event. */
export async function openReporter(
  changes: Partial<Omit<ReporterOptions, 'out' | 'err'>> & { readonly now?: () => number } = {},
): Promise<Opened> {
  let out = ''
  let err = ''
  const { now, ...options } = changes
  const reporter = await createReporter({
    format: 'human',
    runId: '20260101T101500-3f9a2c1b',
    version: '0.1.0',
    color: { out: 0, err: 0 },
    columns: { out: 80, err: 80 },
    animated: false,
    quiet: false,
    verbose: false,
    debug: false,
    redact: (text) => text,
    place: (file) => file,
    views: async () => eventViews,
    planDocuments: async () => toPlanDocument,
    clock: now ?? (() => 0),
    wallClock: () => Date.UTC(2026, 10, 25, 8),
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    ...options,
  })
  return { reporter: await withViews(reporter, options.format ?? 'human'), out: () => out, err: () => err }
}

/** Loads every view beforehand, as the tool loads the one that it needs. */
async function withViews(reporter: Reporter, format: ReporterOptions['format']): Promise<TestReporter> {
  const kinds = format === 'json' ? [] : typesOf('answer.schema.json', 'kind', 'result')
  const loaded = new Map(
    await Promise.all(kinds.map(async (kind) => [kind, await loadView({ kind } as Result)] as const)),
  )
  return {
    event: (event) => reporter.event(event),
    result: (result, exitCode) => reporter.result(result, exitCode, loaded.get(result.kind) ?? null),
    error: (error) => reporter.error(error),
    pause: () => reporter.pause(),
    resume: () => reporter.resume(),
    close: () => reporter.close(),
  }
}
