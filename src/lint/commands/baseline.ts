import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import type { ReviewFinding } from '../review/finding.ts'

/** The file of findings that were there before, beside the configuration. */
export const baselineName = 'lint.baseline.json'

const schema = z.object({
  version: z.literal(1),
  findings: z.array(z.object({ fingerprint: z.string(), code: z.string(), file: z.string() })),
})

/** The fingerprints of findings that were there before; none without the file. Throws ToolError `CONFIG_INVALID` where it cannot be read. */
export function readBaseline(root: string): ReadonlySet<string> {
  let text: string
  try {
    text = readFileSync(join(root, baselineName), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Set()
    throw faulty(error instanceof Error ? error.message : String(error))
  }
  const read = schema.safeParse(parse(text))
  if (!read.success) throw faulty('it is not what `wwdb lint --write-baseline` writes')
  return new Set(read.data.findings.map(({ fingerprint }) => fingerprint))
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

/** Writes the findings, by file and code, so that two branches seldom change the same line. */
export function writeBaseline(root: string, findings: readonly ReviewFinding[]): void {
  const rows = findings.map(({ fingerprint, code, file }) => ({ file, code, fingerprint }))
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')
  const list = rows.length === 0 ? '[]' : `[\n${lines}\n  ]`
  writeFileSync(join(root, baselineName), `{\n  "version": 1,\n  "findings": ${list}\n}\n`)
}
