import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/helpers/tool/longest-first.ts'

const servers = './test/helpers/servers/global-setup.ts'
const builtTool = './test/helpers/tool/built-tool.ts'

/** Two at a time also on two cores, where vitest would take one: that takes unit tests 1.6 times as long. */
const maxWorkers = Math.max(2, availableParallelism() - 1)

/**
 * Tests that talk to servers wait for them most of the time, and some for a clock: measured, one worker of them keeps two thirds of one core
 * busy. Projects that run side by side must want as many.
 */
const waitingWorkers = Math.max(3, availableParallelism())

/**
 * Files that follow one another in a worker share what they import: drivers, zod and the published schemas are loaded once (measured: half of
 * the processor time of unit tests). So no module that tests import may keep state from file to file.
 */
const shared = { isolate: false }
const side = { ...shared, maxWorkers: waitingWorkers, sequence: { groupOrder: 1 } }

/** Where `run` of a fixture runs the tool: from its sources in the test's own process, or built, in a process of its own. */
const here = { env: { WWDB_TEST_TOOL: 'here' } }

/** A condition that a test waits for is met soon or never; on a busy machine it is late. Vitest would wait a second. */
const polling = { expect: { poll: { timeout: 30_000 } } }

/** One project a kind of test. `unit` needs nothing; the others get real servers from the global set-up. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // Property tests take seconds where two cores do more than this: their limit is there for what hangs.
        test: {
          name: 'unit',
          ...shared,
          maxWorkers,
          ...polling,
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'contract',
          ...side,
          ...here,
          ...polling,
          include: ['test/contract/**/*.test.ts'],
          globalSetup: servers,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'integration',
          ...side,
          ...here,
          ...polling,
          include: ['test/integration/**/*.test.ts'],
          globalSetup: [servers, builtTool],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'cli',
          ...side,
          ...polling,
          include: ['test/cli/**/*.test.ts'],
          setupFiles: ['./test/helpers/tool/tool-of-commands.ts'],
          globalSetup: [servers, builtTool],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'chaos',
          ...shared,
          ...here,
          ...polling,
          // Kills strike at commands, not at times: files side by side only wait less.
          maxWorkers: waitingWorkers,
          sequence: { groupOrder: 2 },
          include: ['test/chaos/**/*.test.ts'],
          globalSetup: [servers, builtTool],
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
