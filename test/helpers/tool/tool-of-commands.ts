import { env } from 'node:process'
import { expect } from 'vitest'

/** Files of `cli` that are about commands and about what is wrong in files, not about the process of the tool. */
const aboutAnswers = /\/test\/cli\/(?:commands\/|adversarial|user-code)/

/**
 * Runs before each file of `cli`. What a command answers is the same in the test's own process, for a third of the processor time; what
 * depends on a process is started as one (`start` of a stage), and is what the other files look at.
 */
env['WWDB_TEST_TOOL'] = aboutAnswers.test(expect.getState().testPath ?? '') ? 'here' : 'built'
