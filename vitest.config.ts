import { defineConfig } from 'vitest/config'

const servers = './test/helpers/global-setup.ts'
const builtTool = './test/helpers/built-tool.ts'

/** One project a kind of test. `unit` needs nothing; the others get real servers from the global set-up. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          globalSetup: servers,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: [servers, builtTool],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'cli',
          include: ['test/cli/**/*.test.ts'],
          globalSetup: [servers, builtTool],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          globalSetup: [servers, builtTool],
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
