import { ToolError } from '../core/tool-error.ts'
import { WwdbError } from '../library/wwdb-error.ts'

/** Does some work for a program: what goes wrong is a WwdbError, except for defects of wwdb. Its message has no secret, so the cause stays behind. */
export async function withWwdbErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const { code, exitCode, faults } = error
    throw new WwdbError({ code, exitCode, faults, answer: null })
  }
}
