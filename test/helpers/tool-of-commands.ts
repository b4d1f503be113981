import { env } from 'node:process'
import { expect } from 'vitest'

/**
 * Runs before each file of `cli`. What a command answers is the same in the test's own process, for a third of the processor time; what
 * depends on a process is started as one (`start` of a stage), and is what the files beside the folder of commands look at.
 */
env['WWDB_TEST_TOOL'] = expect.getState().testPath?.includes('/test/cli/commands/') === true ? 'here' : 'built'
