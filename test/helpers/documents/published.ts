import { z } from 'zod'
import type { ToolRun } from '../tool/tool.ts'
import { readPublishedSchema } from './schema-document.ts'

const read = new Map<string, z.ZodType>()

/** A published schema, as a reader in another language has it. */
export function publishedSchema(file: string): z.ZodType {
  const known = read.get(file) ?? readPublishedSchema(file)
  read.set(file, known)
  return known
}

/** What a command said with --json, checked against the published schemas. */
interface Answer extends Record<string, unknown> {
  readonly type: 'result' | 'error'
  readonly kind: string
  readonly exitCode: number
}

export interface JsonRun {
  readonly run: ToolRun
  readonly exitCode: number | null
  /** The last line. */
  readonly answer: Answer
  /** The lines before it: a version and the events of a run. */
  readonly events: readonly Record<string, unknown>[]
}

const looseAnswer = z.looseObject({ type: z.enum(['result', 'error']), kind: z.string(), exitCode: z.number() })

/** Reads stdout of a `--json` run. Throws for a line that no published schema allows, or an exit code that differs. */
export function readAnswer(run: ToolRun): JsonRun {
  const lines: unknown[] = run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const answer = looseAnswer.parse(lines.at(-1))
  const file = answer.type === 'error' ? 'error.schema.json' : `${answer.kind}-result.schema.json`
  for (const schema of ['answer.schema.json', file]) check(schema, answer)
  if (lines.length > 1) for (const line of lines) check('run-line.schema.json', line)
  if (answer.exitCode !== run.exitCode) throw new Error(`${answer.exitCode} in the answer, ${run.exitCode} at exit`)
  return { run, exitCode: run.exitCode, answer, events: z.array(z.looseObject({})).parse(lines.slice(0, -1)) }
}

function check(file: string, value: unknown): void {
  const { error } = publishedSchema(file).safeParse(value)
  if (error) throw new Error(`${file} does not allow ${JSON.stringify(value)}: ${error.message}`)
}
