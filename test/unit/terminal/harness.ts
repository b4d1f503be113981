import { createReporter } from '../../../src/terminal/create-reporter.ts'
import type { Reporter, ReporterOptions } from '../../../src/terminal/reporter.ts'

export interface Opened {
  readonly reporter: Reporter
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
    version: '0.1.0',
    colour: { out: 0, err: 0 },
    columns: { out: 80, err: 80 },
    animated: false,
    quiet: false,
    verbose: false,
    debug: false,
    redact: (text) => text,
    clock: now ?? (() => 0),
    wallClock: () => Date.UTC(2026, 10, 25, 8),
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    ...options,
  })
  return { reporter, out: () => out, err: () => err }
}
