import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import type { ReviewFinding } from '../review/finding.ts'

/** The file of existing findings, beside the configuration. */
export const baselineName = 'lint.baseline.json'

const schema = z.object({
  version: z.literal(1),
  findings: z.array(z.object({ fingerprint: z.string(), code: z.string(), file: z.string() })),
})

interface BaselineRow {
  readonly fingerprint: string
  readonly code: string
  readonly file: string
}

/** The fingerprints of existing findings; empty without the file. Throws ToolError `CONFIG_INVALID` where it cannot be read. */
export function readBaseline(root: string): ReadonlySet<string> {
  return new Set(readRows(root).map(({ fingerprint }) => fingerprint))
}

function readRows(root: string): readonly BaselineRow[] {
  let text: string
  try {
    text = readFileSync(join(root, baselineName), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw faulty(error instanceof Error ? error.message : String(error))
  }
  const read = schema.safeParse(parse(text))
  if (!read.success) throw faulty('it is not what `wwdb lint --write-baseline` writes')
  return read.data.findings
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function faulty(why: string): ToolError {
  const next = 'Write it again with `wwdb lint --all --write-baseline`, or remove it.'
  return new ToolError('CONFIG_INVALID', {
    what: `\`${baselineName}\` cannot be read: ${why}.`,
    where: { file: baselineName },
    next,
  })
}

/**
 * Writes the findings by file, so that two branches seldom change the same line. Entries for files that are not judged now stay; only a run that
 * judges all of them may replace an unreadable baseline.
 */
export function writeBaseline(root: string, findings: readonly ReviewFinding[], unjudged: ReadonlySet<string>): void {
  const kept = unjudged.size === 0 ? [] : readRows(root).filter(({ file }) => unjudged.has(file))
  const rows = [...findings, ...kept]
    .map(({ fingerprint, code, file }) => ({ file, code, fingerprint }))
    .toSorted((one, other) => (one.file < other.file ? -1 : Number(one.file > other.file)))
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')
  const list = rows.length === 0 ? '[]' : `[\n${lines}\n  ]`
  writeFileSync(join(root, baselineName), `{\n  "version": 1,\n  "findings": ${list}\n}\n`)
}
