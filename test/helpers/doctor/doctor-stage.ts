import type { DoctorFinding } from '../../../src/doctor/answer.ts'
import type { DoctorResult } from '../../../src/doctor/commands/doctor-view.ts'
import type { Stage } from '../tool/stage.ts'
import type { ToolOptions } from '../tool/tool.ts'

/** The answer of `wwdb doctor --json`, checked against its published schema, and what it was. */
export async function examine(
  stage: Stage,
  args: readonly string[] = [],
  options?: ToolOptions,
): Promise<{ readonly exitCode: number; readonly answer: DoctorResult; readonly stderr: string }> {
  const { run, exitCode, answer } = await stage.json(['doctor', ...args], options)
  if (answer['kind'] !== 'doctor') throw new Error(run.stdout + run.stderr)
  return { exitCode: exitCode ?? -1, answer: answer as unknown as DoctorResult, stderr: run.stderr }
}

/** The findings of one check. */
export function findingsOf({ findings }: DoctorResult, code: string): readonly DoctorFinding[] {
  return findings.filter((finding) => finding.code === code)
}
